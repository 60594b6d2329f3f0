/** Which endpoint is the way out of its sandbox, and what follows from it. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EngineEvent, Network, Sandbox } from '../../src/engine/index.ts'
import { EngineWorld } from './engine-world.ts'

let world: EngineWorld

beforeEach(() => {
  world = new EngineWorld()
})
afterEach(() => world.close())

async function joined(network: Network, sandbox: Sandbox, name: string, priority = 0): Promise<string> {
  const endpoint = await network.createEndpoint({
    name,
    priority,
    portMappings: [{ protocol: 'tcp', containerPort: 80, hostPort: 80 }],
  })
  await endpoint.join(sandbox)
  return endpoint.id
}

test('published ports go along with the way out, and come back when it leaves', async () => {
  const controller = await world.open()
  const red = await controller.createNetwork({ name: 'red', driver: 'memory' })
  const blue = await controller.createNetwork({ name: 'blue', driver: 'memory2' })
  const sandbox = await controller.createSandbox({ containerId: 'c' })
  const first = await joined(red, sandbox, 'first')
  expect([...world.kernel.exposed]).toEqual([first])
  const second = await joined(blue, sandbox, 'second', 1)
  expect([...world.kernel.exposed]).toEqual([second])
  expect(controller.endpoint(first).info().ports).toEqual([])
  await controller.endpoint(second).leave(sandbox)
  expect([...world.kernel.exposed]).toEqual([first])
  expect(controller.endpoint(first).info().ports).toHaveLength(1)
  expect(controller.endpoint(second).info().ports).toEqual([])
})

test('a former way out that cannot be concealed keeps the newcomer out', async () => {
  const controller = await world.open()
  const red = await controller.createNetwork({ name: 'red', driver: 'memory' })
  const sandbox = await controller.createSandbox({ containerId: 'c' })
  const first = await joined(red, sandbox, 'first')
  let refused = false
  world.kernel.before = (call) => {
    if (call !== 'conceal' || refused) return
    refused = true
    throw new Error('stuck')
  }
  await expect(joined(red, sandbox, 'second', 1)).rejects.toThrow(/stuck/)
  expect(controller.endpoint('second').info().sandbox).toBeNull()
  expect([...world.kernel.exposed]).toEqual([first])
})

test('a sandbox without a way out is in the gateway network as long as it needs it, also over a restart', async () => {
  const gatewayNetwork = { name: 'gateway', driver: 'memory' }
  let controller = await world.open({ gatewayNetwork })
  const shut = await controller.createNetwork({ name: 'shut', driver: 'memory', internal: true })
  const grey = await controller.createNetwork({ name: 'grey', driver: 'memory', options: { color: 'grey' } })
  const red = await controller.createNetwork({ name: 'red', driver: 'memory' })
  const sandbox = await controller.createSandbox({ containerId: 'c' })
  await joined(shut, sandbox, 'inside')
  expect(controller.networks()).toHaveLength(3)
  await joined(grey, sandbox, 'grey')
  const names = (): string[] =>
    controller
      .sandbox('c')
      .endpoints()
      .map(({ name }) => name)
      .sort()
  expect(names()).toEqual(['gateway_c', 'grey', 'inside'])
  await controller.close()
  controller = await world.open({ gatewayNetwork })
  expect(names()).toEqual(['gateway_c', 'grey', 'inside'])
  await joined(controller.network(red.id), controller.sandbox('c'), 'way')
  expect(names()).toEqual(['grey', 'inside', 'way'])
  await controller.endpoint('way').delete({ force: true })
  expect(names()).toEqual(['gateway_c', 'grey', 'inside'])
  await controller.sandbox('c').delete()
  expect(controller.endpoints()).toEqual([])
})

test('everything that happens is told, in order, after it has happened', async () => {
  const controller = await world.open()
  const told: EngineEvent[] = []
  const stop = controller.listen((event) => told.push(event))
  const ended = new AbortController()
  const read = controller.events(ended.signal)
  const network = await controller.createNetwork({ name: 'red', driver: 'memory' })
  const sandbox = await controller.createSandbox({ containerId: 'c' })
  const id = await joined(network, sandbox, 'web')
  await controller.endpoint(id).rename({ name: 'www' })
  await sandbox.delete()
  await network.delete()
  stop()
  const expected = [
    'network-created',
    'sandbox-created',
    'endpoint-created',
    'gateway-changed',
    'endpoint-joined',
    'endpoint-renamed',
    'endpoint-left',
    'endpoint-deleted',
    'sandbox-deleted',
    'network-deleted',
  ]
  expect(told.map(({ type }) => type)).toEqual(expected)
  ended.abort()
  const iterated: string[] = []
  for await (const { type } of read) iterated.push(type)
  expect(iterated).toEqual(expected)
})
