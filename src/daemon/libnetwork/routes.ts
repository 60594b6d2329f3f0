/**
 * The HTTP API of libnetwork, which its client `dnet` speaks: `/networks`, `/services`, `/sandboxes`, with or without a version
 * in front (`/v1.19/networks`). Creating answers 201 with an id, what gives nothing back answers 200 with an empty body, and
 * failures are a line of text. Endpoints are called services where the network is left out.
 */
import type { OpenAPIHono } from '@hono/zod-openapi'
import { type Controller, type Endpoint, EngineError, isEngineError, type Network } from '../../engine/index.ts'
import { created, done, Missing, ok, Routes } from './handler.ts'
import {
  readEndpointCreation,
  readJoin,
  readNetworkCreation,
  readSandboxCreation,
  readServicePublication,
  readServiceRemoval,
} from './requests.ts'
import { endpointResource, networkResource, publishedService, sandboxResource } from './resources.ts'

/** Adds the routes. */
export function addLibnetworkRoutes(app: OpenAPIHono, controller: Controller): void {
  for (const version of ['', '/:version{v[0-9]+\\.[0-9]+}']) {
    addNetworks(new Routes(app, `${version}/networks`), controller)
    addEndpoints(new Routes(app, `${version}/networks/:network/endpoints`), controller)
    addServices(new Routes(app, `${version}/services`), controller)
    addSandboxes(new Routes(app, `${version}/sandboxes`), controller)
  }
}

function addNetworks(routes: Routes, controller: Controller): void {
  routes.get('', ({ query }) => {
    const [by, word] = query('name', 'partial-id')
    if (by === 'name')
      return ok(
        found(() => controller.network(word))
          .filter(called(word))
          .map(networkResource),
      )
    return ok(controller.networks().filter(beginsWith(word)).map(networkResource))
  })
  routes.post('', async ({ body }) => created((await controller.createNetwork(readNetworkCreation(body))).id))
  routes.get('/:network', ({ param }) => ok(networkResource(networkOf(controller, param('network')))))
  routes.delete('/:network', async ({ param }) => {
    await networkOf(controller, param('network')).delete()
    return done
  })
}

function addEndpoints(routes: Routes, controller: Controller): void {
  const endpointOf = (param: (name: string) => string): Endpoint => {
    const network = networkOf(controller, param('network'))
    return orMissing('Resource not found: Endpoint', () => network.endpoint(param('endpoint')))
  }
  routes.get('', ({ param, query }) => {
    const endpoints = networkOf(controller, param('network')).endpoints()
    const [by, word] = query('name', 'partial-id')
    return ok(endpoints.filter(by === 'name' ? called(word) : beginsWith(word)).map(endpointResource))
  })
  routes.post('', async ({ param, body }) => {
    const network = networkOf(controller, param('network'))
    return created((await network.createEndpoint(readEndpointCreation(body))).id)
  })
  routes.get('/:endpoint', ({ param }) => ok(endpointResource(endpointOf(param))))
  routes.delete('/:endpoint', async ({ param }) => {
    await endpointOf(param).delete()
    return done
  })
  addAttachment(routes, '/:endpoint/sandboxes', controller, endpointOf)
}

function addServices(routes: Routes, controller: Controller): void {
  const serviceOf = (param: (name: string) => string): Endpoint =>
    orMissing('Service not found', () => controller.endpoint(param('endpoint')))
  routes.get('', ({ query }) => {
    const [by, word] = query('network', 'name', 'partial-id')
    if (by === 'network') {
      const networks = found(() => controller.network(word)).filter(called(word))
      return ok(networks.flatMap((network) => network.endpoints()).map(endpointResource))
    }
    return ok(
      controller
        .endpoints()
        .filter(by === 'name' ? called(word) : beginsWith(word))
        .map(endpointResource),
    )
  })
  routes.post('', async ({ body }) => {
    const { network, ...spec } = readServicePublication(body)
    const endpoint = await asService(() => networkOf(controller, network).createEndpoint(spec))
    return { status: 201, value: publishedService(endpoint) }
  })
  routes.get('/:endpoint', ({ param }) => ok(endpointResource(serviceOf(param))))
  routes.delete('/:endpoint', async ({ param, body }) => {
    const force = readServiceRemoval(body ?? {})
    await asService(() => serviceOf(param).delete({ force }))
    return done
  })
  routes.get('/:endpoint/backend', ({ param }) => ok(sandboxResource(serviceOf(param).info().sandbox)))
  addAttachment(routes, '/:endpoint/backend', controller, serviceOf)
}

/** Joining and leaving are the same for endpoints and services, under different paths. */
function addAttachment(
  routes: Routes,
  path: string,
  controller: Controller,
  endpointOf: (param: (name: string) => string) => Endpoint,
): void {
  routes.post(path, async ({ param, body }) => {
    const endpoint = endpointOf(param)
    const sandbox = sandboxOf(controller, readJoin(body))
    await endpoint.join(sandbox)
    return ok(sandbox.key)
  })
  routes.delete(`${path}/:sandbox`, async ({ param }) => {
    await endpointOf(param).leave(sandboxOf(controller, param('sandbox')))
    return done
  })
}

function addSandboxes(routes: Routes, controller: Controller): void {
  routes.get('', ({ query }) => {
    const [by, word] = query('partial-container-id', 'container-id', 'partial-id')
    const chosen = controller.sandboxes().filter((sandbox) => {
      if (by === 'container-id') return sandbox.containerId === word
      return (by === 'partial-container-id' ? sandbox.containerId : sandbox.id).startsWith(word)
    })
    return ok(chosen.map(sandboxResource))
  })
  routes.post('', async ({ body }) => created((await controller.createSandbox(readSandboxCreation(body))).id))
  routes.get('/:sandbox', ({ param }) => ok(sandboxResource(sandboxOf(controller, param('sandbox')))))
  routes.delete('/:sandbox', async ({ param }) => {
    await sandboxOf(controller, param('sandbox')).delete()
    return done
  })
}

const networkOf = (controller: Controller, reference: string): Network =>
  orMissing('Resource not found: Network', () => controller.network(reference))
const sandboxOf = (controller: Controller, reference: string) =>
  orMissing('Resource not found: Sandbox', () => controller.sandbox(reference))
const called = (name: string) => (object: { readonly name: string }) => object.name === name
const beginsWith = (prefix: string) => (object: { readonly id: string }) => object.id.startsWith(prefix)

/** What a look-up finds, or nothing. */
function found<T>(lookUp: () => T): T[] {
  try {
    return [lookUp()]
  } catch (error) {
    if (isEngineError(error)) return []
    throw error
  }
}

function orMissing<T>(message: string, lookUp: () => T): T {
  try {
    return lookUp()
  } catch (error) {
    if (isEngineError(error) && error.failure === 'not-found') throw new Missing(message)
    throw error
  }
}

/** Failures about a service do not call it an endpoint. */
async function asService<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isEngineError(error)) throw error
    throw new EngineError(error.code, error.message.replaceAll('endpoint', 'service'), { cause: error })
  }
}
