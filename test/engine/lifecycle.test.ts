/** The life of networks, endpoints and sandboxes, and the rules of it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Namespace } from '../../src/kernel/index.ts'
import { EngineWorld } from './engine-world.ts'

let world: EngineWorld

beforeEach(() => {
  world = new EngineWorld()
})
afterEach(() => world.close())

test('a network, an endpoint and a sandbox come, are joined, and go', async () => {
  const controller = await world.open()
  const network = await controller.createNetwork({
    name: 'network1',
    driver: 'memory',
    ipam: [{ pool: '10.60.0.0/24' }],
    options: {},
  })
  const endpoint = await network.createEndpoint({
    name: 'endpoint1',
    portMappings: [{ protocol: 'tcp', hostPort: 8080, containerPort: 80 }],
  })
  const sandbox = await controller.createSandbox({
    containerId: 'container1',
    hostname: 'test',
    domainname: 'example.org',
  })
  await endpoint.join(sandbox)
  expect(endpoint.info()).toMatchObject({
    macAddress: '02:42:00:00:00:01',
    addresses: ['10.60.0.2/24'],
    gateway: '10.60.0.1',
    gatewayIPv6: null,
    ports: [{ protocol: 'tcp', hostPort: 8080, containerPort: 80 }],
  })
  expect(endpoint.info().sandbox?.key).toBe(sandbox.key)
  Namespace.open({ path: sandbox.key }).close()
  await endpoint.leave(sandbox)
  await endpoint.delete()
  await network.delete()
  await sandbox.delete()
  expect([
    world.kernel.networks.size,
    world.kernel.endpoints.size,
    world.kernel.joined.size,
    world.kernel.exposed.size,
  ]).toEqual([0, 0, 0, 0])
  expect(world.ipam.pools.size).toBe(0)
  await controller.close()
})
