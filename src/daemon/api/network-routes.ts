/** `/v1/networks` */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { NetworkSpec } from '../../engine/index.ts'
import { networkDetails, networks, pruned } from './answer-schemas.ts'
import type { ApiContext } from './api-context.ts'
import { failures, forceQuery, jsonBody, jsonOf, referenceParameter } from './common-schemas.ts'
import { asAnswer, asGiven } from './parsed.ts'
import { networkSpec } from './request-schemas.ts'

const tags = ['networks']
const params = z.object({ network: referenceParameter('network') })

const listRoute = createRoute({
  method: 'get',
  path: '/v1/networks',
  tags,
  summary: 'All networks',
  responses: { 200: { description: 'The networks.', content: jsonOf(networks) }, ...failures },
})

const createNetworkRoute = createRoute({
  method: 'post',
  path: '/v1/networks',
  tags,
  summary: 'Create a network',
  request: { body: jsonBody(networkSpec) },
  responses: { 201: { description: 'The new network.', content: jsonOf(networkDetails) }, ...failures },
})

const pruneRoute = createRoute({
  method: 'post',
  path: '/v1/networks/prune',
  tags,
  summary: 'Remove all networks that nothing uses',
  responses: { 200: { description: 'The networks that are gone.', content: jsonOf(pruned) }, ...failures },
})

const inspectRoute = createRoute({
  method: 'get',
  path: '/v1/networks/{network}',
  tags,
  summary: 'One network with its endpoints',
  request: { params },
  responses: { 200: { description: 'The network.', content: jsonOf(networkDetails) }, ...failures },
})

const removeRoute = createRoute({
  method: 'delete',
  path: '/v1/networks/{network}',
  tags,
  summary: 'Remove a network',
  request: { params, query: forceQuery },
  responses: { 204: { description: 'It is gone.' }, ...failures },
})

/** Adds the routes. */
export function addNetworkRoutes(app: OpenAPIHono, { operations }: ApiContext): void {
  app.openapi(listRoute, async (c) => c.json(asAnswer({ networks: await operations.networks() }), 200))
  app.openapi(createNetworkRoute, async (c) => {
    const network = await operations.createNetwork(asGiven<NetworkSpec>(c.req.valid('json')))
    return c.json(asAnswer(network), 201)
  })
  app.openapi(pruneRoute, async (c) => c.json(asAnswer({ removed: await operations.pruneNetworks() }), 200))
  app.openapi(inspectRoute, async (c) => {
    const { network } = c.req.valid('param')
    return c.json(asAnswer(await operations.network(network)), 200)
  })
  app.openapi(removeRoute, async (c) => {
    await operations.removeNetwork(c.req.valid('param').network, { force: c.req.valid('query').force === 'true' })
    return c.body(null, 204)
  })
}
