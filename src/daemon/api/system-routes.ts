/** What is not about one object: health, events, the host as a graph, metrics. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { eventStream } from '../events/event-stream.ts'
import { EXPOSITION_TYPE } from '../metrics/metrics.ts'
import { health } from './answer-schemas.ts'
import type { ApiContext } from './api-context.ts'
import { failures, jsonOf } from './common-schemas.ts'
import { asAnswer } from './parsed.ts'

const tags = ['system']
/** Longest `Last-Event-ID` that could be one of ours. */
const LONGEST_EVENT_ID = 100

const healthRoute = createRoute({
  method: 'get',
  path: '/v1/health',
  tags,
  summary: 'Whether the daemon serves, since when, and with how much',
  responses: { 200: { description: 'It serves.', content: jsonOf(health) }, ...failures },
})

const eventsRoute = createRoute({
  method: 'get',
  path: '/v1/events',
  tags,
  summary: 'Events as they happen',
  description:
    'Server-sent events. The event is the type, the data the event in JSON. The header Last-Event-ID goes on behind that ' +
    'event; when it is too long ago, the first event is "reset" instead of "resumed", and everything is to be listed afresh.',
  request: { headers: z.object({ 'last-event-id': z.string().max(LONGEST_EVENT_ID).optional() }) },
  responses: {
    200: { description: 'The stream.', content: { 'text/event-stream': { schema: z.string() } } },
    ...failures,
  },
})

const graphRoute = createRoute({
  method: 'get',
  path: '/v1/graph',
  tags,
  summary: 'Every namespace, interface and link of this host',
  responses: {
    200: {
      description: 'The document of netwright map --json.',
      content: jsonOf(z.looseObject({ schema: z.string() })),
    },
    ...failures,
  },
})

const metricsRoute = createRoute({
  method: 'get',
  path: '/metrics',
  tags,
  summary: 'Metrics for Prometheus',
  responses: { 200: { description: 'Its text format.', content: { 'text/plain': { schema: z.string() } } } },
})

/** Adds the routes. */
export function addSystemRoutes(app: OpenAPIHono, context: ApiContext): void {
  app.openapi(healthRoute, (c) => c.json(asAnswer(context.health()), 200))
  app.openapi(eventsRoute, (c) => {
    const lastId = c.req.valid('header')['last-event-id']
    const body = eventStream({ log: context.events, lastId, signals: [context.stopping, c.req.raw.signal] })
    return c.body(body, 200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  })
  app.openapi(graphRoute, async (c) => c.json(await context.graph(), 200))
  app.openapi(metricsRoute, (c) => c.text(context.metrics.exposition(), 200, { 'content-type': EXPOSITION_TYPE }))
}
