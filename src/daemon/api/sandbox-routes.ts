/** `/v1/sandboxes` */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { SandboxSpec } from '../../engine/index.ts'
import { sandbox, sandboxes, statistics } from './answer-schemas.ts'
import type { ApiContext } from './api-context.ts'
import { failures, jsonBody, jsonOf, referenceParameter } from './common-schemas.ts'
import { asAnswer } from './parsed.ts'
import { sandboxSpec } from './request-schemas.ts'

const tags = ['sandboxes']
const params = z.object({ sandbox: referenceParameter('sandbox') })

const listRoute = createRoute({
  method: 'get',
  path: '/v1/sandboxes',
  tags,
  summary: 'All sandboxes with their endpoints',
  responses: { 200: { description: 'The sandboxes.', content: jsonOf(sandboxes) }, ...failures },
})

const createSandboxRoute = createRoute({
  method: 'post',
  path: '/v1/sandboxes',
  tags,
  summary: 'Create a sandbox: a new namespace, or an adopted one',
  request: { body: jsonBody(sandboxSpec) },
  responses: { 201: { description: 'The new sandbox.', content: jsonOf(sandbox) }, ...failures },
})

const inspectRoute = createRoute({
  method: 'get',
  path: '/v1/sandboxes/{sandbox}',
  tags,
  summary: 'One sandbox with its endpoints',
  request: { params },
  responses: { 200: { description: 'The sandbox.', content: jsonOf(sandbox) }, ...failures },
})

const statisticsRoute = createRoute({
  method: 'get',
  path: '/v1/sandboxes/{sandbox}/statistics',
  tags,
  summary: 'Counters of a sandbox’s interfaces',
  request: { params },
  responses: { 200: { description: 'The counters.', content: jsonOf(statistics) }, ...failures },
})

const removeRoute = createRoute({
  method: 'delete',
  path: '/v1/sandboxes/{sandbox}',
  tags,
  summary: 'Remove a sandbox with its endpoints',
  request: { params },
  responses: { 204: { description: 'It is gone.' }, ...failures },
})

/** Adds the routes. */
export function addSandboxRoutes(app: OpenAPIHono, { operations }: ApiContext): void {
  app.openapi(listRoute, async (c) => c.json(asAnswer({ sandboxes: await operations.sandboxes() }), 200))
  app.openapi(createSandboxRoute, async (c) => {
    // The schema has made sure that the sandbox has one origin; its type cannot say so.
    const spec = c.req.valid('json') as SandboxSpec
    return c.json(asAnswer(await operations.createSandbox(spec)), 201)
  })
  app.openapi(inspectRoute, async (c) => {
    const { sandbox: reference } = c.req.valid('param')
    return c.json(asAnswer(await operations.sandbox(reference)), 200)
  })
  app.openapi(statisticsRoute, async (c) => {
    const { sandbox: reference } = c.req.valid('param')
    return c.json(asAnswer({ interfaces: await operations.statistics(reference) }), 200)
  })
  app.openapi(removeRoute, async (c) => {
    await operations.removeSandbox(c.req.valid('param').sandbox)
    return c.body(null, 204)
  })
}
