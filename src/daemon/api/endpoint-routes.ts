/** `/v1/networks/{network}/endpoints`, and connecting sandboxes in one step. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { EndpointSpec, JoinOptions } from '../../engine/index.ts'
import type { ConnectSpec } from '../operations/operations.ts'
import { endpoint, endpoints } from './answer-schemas.ts'
import type { ApiContext } from './api-context.ts'
import { failures, forceQuery, jsonBody, jsonOf, referenceParameter } from './common-schemas.ts'
import { asAnswer, asGiven } from './parsed.ts'
import { connectSpec, endpointSpec, joinSpec, sandboxReference } from './request-schemas.ts'

const tags = ['endpoints']
const ofNetwork = z.object({ network: referenceParameter('network') })
const ofEndpoint = ofNetwork.extend({ endpoint: referenceParameter('endpoint') })
const oneEndpoint = { description: 'The endpoint.', content: jsonOf(endpoint) }
const done = { description: 'Done.' }

const listRoute = createRoute({
  method: 'get',
  path: '/v1/networks/{network}/endpoints',
  tags,
  summary: 'The endpoints of a network',
  request: { params: ofNetwork },
  responses: { 200: { description: 'The endpoints.', content: jsonOf(endpoints) }, ...failures },
})

const createEndpointRoute = createRoute({
  method: 'post',
  path: '/v1/networks/{network}/endpoints',
  tags,
  summary: 'Create an endpoint',
  request: { params: ofNetwork, body: jsonBody(endpointSpec) },
  responses: { 201: oneEndpoint, ...failures },
})

const inspectRoute = createRoute({
  method: 'get',
  path: '/v1/networks/{network}/endpoints/{endpoint}',
  tags,
  summary: 'One endpoint',
  request: { params: ofEndpoint },
  responses: { 200: oneEndpoint, ...failures },
})

const removeRoute = createRoute({
  method: 'delete',
  path: '/v1/networks/{network}/endpoints/{endpoint}',
  tags,
  summary: 'Remove an endpoint',
  request: { params: ofEndpoint, query: forceQuery },
  responses: { 204: done, ...failures },
})

const joinRoute = createRoute({
  method: 'post',
  path: '/v1/networks/{network}/endpoints/{endpoint}/join',
  tags,
  summary: 'Join an endpoint to a sandbox',
  request: { params: ofEndpoint, body: jsonBody(joinSpec) },
  responses: { 200: oneEndpoint, ...failures },
})

const leaveRoute = createRoute({
  method: 'post',
  path: '/v1/networks/{network}/endpoints/{endpoint}/leave',
  tags,
  summary: 'Let an endpoint leave its sandbox',
  request: { params: ofEndpoint, body: jsonBody(sandboxReference) },
  responses: { 204: done, ...failures },
})

const connectRoute = createRoute({
  method: 'post',
  path: '/v1/networks/{network}/connect',
  tags,
  summary: 'Connect a sandbox to a network: create an endpoint and join it',
  request: { params: ofNetwork, body: jsonBody(connectSpec) },
  responses: { 201: oneEndpoint, ...failures },
})

const disconnectRoute = createRoute({
  method: 'post',
  path: '/v1/networks/{network}/disconnect',
  tags,
  summary: 'Disconnect a sandbox from a network: its endpoints there are deleted',
  request: { params: ofNetwork, body: jsonBody(sandboxReference) },
  responses: { 204: done, ...failures },
})

/** Adds the routes. */
export function addEndpointRoutes(app: OpenAPIHono, { operations }: ApiContext): void {
  app.openapi(listRoute, async (c) => {
    const { network } = c.req.valid('param')
    return c.json(asAnswer({ endpoints: await operations.endpoints(network) }), 200)
  })
  app.openapi(createEndpointRoute, async (c) => {
    const spec = asGiven<EndpointSpec>(c.req.valid('json'))
    return c.json(asAnswer(await operations.createEndpoint(c.req.valid('param').network, spec)), 201)
  })
  app.openapi(inspectRoute, async (c) => {
    const { network, endpoint } = c.req.valid('param')
    return c.json(asAnswer(await operations.endpoint(network, endpoint)), 200)
  })
  app.openapi(removeRoute, async (c) => {
    const { network, endpoint } = c.req.valid('param')
    await operations.removeEndpoint(network, endpoint, { force: c.req.valid('query').force === 'true' })
    return c.body(null, 204)
  })
  app.openapi(joinRoute, async (c) => {
    const { network, endpoint } = c.req.valid('param')
    const { sandbox, ...options } = c.req.valid('json')
    return c.json(asAnswer(await operations.join(network, endpoint, sandbox, asGiven<JoinOptions>(options))), 200)
  })
  app.openapi(leaveRoute, async (c) => {
    const { network, endpoint } = c.req.valid('param')
    await operations.leave(network, endpoint, c.req.valid('json').sandbox)
    return c.body(null, 204)
  })
  app.openapi(connectRoute, async (c) => {
    const spec = asGiven<ConnectSpec>(c.req.valid('json'))
    return c.json(asAnswer(await operations.connect(c.req.valid('param').network, spec)), 201)
  })
  app.openapi(disconnectRoute, async (c) => {
    await operations.disconnect(c.req.valid('param').network, c.req.valid('json').sandbox)
    return c.body(null, 204)
  })
}
