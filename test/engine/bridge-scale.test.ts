import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EndpointRecord } from '../../src/engine/model.ts'
import { Namespace } from '../../src/kernel/index.ts'
import { BridgeWorld, endpointRecord, interfacesOf, networkRecord, runIn } from './bridge-world.ts'

let world: BridgeWorld

beforeEach(() => {
  world = new BridgeWorld('scale')
})

afterEach(async () => {
  await world.close()
})

const COUNT = 100

test('a hundred endpoints come and go, and leave nothing: no link, no element, no socket', async () => {
  const network = networkRecord(1)
  await world.driver.createNetwork(network)
  const before = interfacesOf(world.hostName)
  const box = world.sandbox()
  const namespace = Namespace.open({ name: box })
  const endpoints: EndpointRecord[] = Array.from({ length: COUNT }, (_, i) =>
    endpointRecord(network, i + 2, {
      sandboxId: box,
      portMappings: i < 10 ? [{ protocol: 'tcp', containerPort: 80, hostPort: 10000 + i }] : [],
    }),
  )
  let next = 0
  const sandbox = {
    id: box,
    containerId: box,
    key: '',
    namespace,
    freeInterfaceName: (prefix: string) => `${prefix}${next++}`,
  }
  try {
    const started = performance.now()
    for (const endpoint of endpoints) {
      await world.driver.createEndpoint(network, endpoint)
      await world.driver.join(network, endpoint, sandbox, {})
    }
    const joined = performance.now()
    for (const endpoint of endpoints.slice(0, 10)) await world.driver.expose(network, endpoint)
    const exposed = performance.now()
    expect(interfacesOf(world.hostName)).toHaveLength(before.length + COUNT)
    expect(interfacesOf(box)).toHaveLength(COUNT + 1)
    for (const endpoint of endpoints.slice(0, 10)) await world.driver.conceal(network, endpoint)
    const concealed = performance.now()
    for (const endpoint of endpoints) {
      await world.driver.leave(network, endpoint, sandbox)
      await world.driver.deleteEndpoint(network, endpoint)
    }
    await world.driver.deleteNetwork(network)
    const gone = performance.now()
    const each = (from: number, to: number, count: number): string => `${(((to - from) / count) * 1000).toFixed(0)} µs`
    process.stdout.write(
      `create and join ${each(started, joined, COUNT)}, publish ${each(joined, exposed, 10)}, ` +
        `withdraw ${each(exposed, concealed, 10)}, remove ${each(concealed, gone, COUNT)}\n`,
    )
    expect(interfacesOf(world.hostName)).toEqual(before.filter((name) => !name.startsWith('br-')))
    expect(interfacesOf(box)).toEqual(['lo'])
    const table = runIn(world.hostName, 'nft', 'list', 'table', 'inet', 'netwright-bridge')
    expect(table).not.toContain('elements')
    expect(runIn(world.hostName, 'ss', '-Hlntu')).toBe('')
  } finally {
    namespace.close()
  }
})

test('what a killed process left behind is removed at the next start, and nothing foreign', async () => {
  const kept = networkRecord(1)
  const lost = networkRecord(2)
  for (const network of [kept, lost]) await world.driver.createNetwork(network)
  const [one, two] = [await world.join(kept, 2), await world.join(kept, 3)]
  await world.join(lost, 2)
  runIn(world.hostName, 'ip', 'link', 'add', 'vethabcdef0', 'type', 'veth', 'peer', 'name', 'theirs0')
  runIn(world.hostName, 'ip', 'link', 'set', 'theirs0', 'group', String(0x6e657477))
  // The endpoint of `two` was retired, and its process killed before the deletion.
  await world.driver.leave(kept, two.endpoint, null)
  const restarted = world.newDriver()
  try {
    await restarted.restore([kept], [one.endpoint])
    const info = await restarted.inspect(kept, one.endpoint)
    const names = interfacesOf(world.hostName)
    expect(names).toEqual(
      expect.arrayContaining(['up0', 'br-111111111111', 'vethabcdef0', 'theirs0', info['hostInterface']]),
    )
    expect(names).not.toContain('br-222222222222')
    expect(names).toHaveLength(6)
    expect(interfacesOf(one.name)).toContain('eth0')
    expect(interfacesOf(two.name)).toEqual(['lo'])
    expect(runIn(world.hostName, 'nft', 'list', 'ruleset')).not.toContain('222222222222')
  } finally {
    await restarted.close()
  }
})
