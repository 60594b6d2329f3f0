/** The rules of the Container Network Model that a request must not break, each with its code. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Controller, type FailureCode, isEngineError } from '../../src/engine/index.ts'
import { EngineWorld } from './engine-world.ts'

let world: EngineWorld
let controller: Controller

beforeEach(async () => {
  world = new EngineWorld()
  controller = await world.open()
})
afterEach(() => world.close())

async function expectRefusal(work: () => unknown, code: FailureCode, words: RegExp = /./): Promise<void> {
  let thrown: unknown
  try {
    await work()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toSatisfy((error) => isEngineError(error, code), String(thrown))
  expect(String(thrown)).toMatch(words)
}

const memory = (name: string): { name: string; driver: string } => ({ name, driver: 'memory' })

test('a network name is taken once, and blank names are none', async () => {
  await controller.createNetwork(memory('red'))
  await expectRefusal(() => controller.createNetwork(memory(' red ')), 'name-taken', /red/)
  await expectRefusal(() => controller.createNetwork(memory(' \t')), 'name-blank')
  await expectRefusal(() => controller.createNetwork(memory('a\nb')), 'option-invalid')
  const { id } = controller.network('red')
  await expectRefusal(() => controller.createNetwork({ ...memory('other'), id }), 'name-taken')
})

test('unknown drivers and options are named', async () => {
  await expectRefusal(
    () => controller.createNetwork({ name: 'n', driver: 'bridgge' }),
    'driver-unknown',
    /memory, memory2/,
  )
  await expectRefusal(() => controller.createNetwork({ ...memory('n'), ipamDriver: 'x' }), 'ipam-driver-unknown')
  await expectRefusal(
    () => controller.createNetwork({ ...memory('n'), options: { colour: 'red' } }),
    'option-unknown',
    /colour/,
  )
  await expectRefusal(() => controller.createNetwork({ ...memory('n'), options: { color: 'none' } }), 'option-invalid')
  await expectRefusal(() => controller.createNetwork({ ...memory('n'), scope: 'global' }), 'scope-invalid')
  expect(controller.networks()).toEqual([])
  expect(world.ipam.pools.size).toBe(0)
})

test('pools must not overlap, and what was leased before the refusal is given back', async () => {
  await controller.createNetwork({ ...memory('red'), ipam: [{ pool: '10.60.0.0/24' }] })
  const wish = { ...memory('blue'), ipam: [{ pool: '10.61.0.0/24' }, { pool: '10.60.0.0/24' }] }
  await expectRefusal(() => controller.createNetwork(wish), 'pool-overlap')
  expect([...world.ipam.pools.keys()]).toEqual(['10.60.0.0/24'])
})

test('a config-only network is a template and nothing else', async () => {
  await expectRefusal(
    () => controller.createNetwork({ name: 't', configOnly: true, internal: true }),
    'option-invalid',
    /internal/,
  )
  await expectRefusal(() => controller.createNetwork({ name: 't', configOnly: true, scope: 'local' }), 'option-invalid')
  const template = await controller.createNetwork({
    name: 't',
    configOnly: true,
    ipam: [{ pool: '10.70.0.0/24' }],
    labels: { a: 'b' },
  })
  expect(template.info()).toMatchObject({ driver: 'null', scope: 'local', pools: [] })
  await expectRefusal(() => template.createEndpoint({ name: 'e' }), 'network-config-only')
  const consumer = await controller.createNetwork({ ...memory('c'), configFrom: 't' })
  expect(consumer.info()).toMatchObject({
    labels: { a: 'b' },
    configFrom: template.id,
    pools: [{ pool: '10.70.0.0/24' }],
  })
  await expectRefusal(() => template.delete(), 'network-in-use', /"c"/)
  await expectRefusal(
    () => controller.createNetwork({ ...memory('d'), configFrom: 't', labels: { x: 'y' } }),
    'option-invalid',
  )
  await expectRefusal(() => controller.createNetwork({ ...memory('d'), configFrom: 'c' }), 'network-not-config-only')
  await consumer.delete()
  await template.delete()
})

test('a network with endpoints stays, unless it goes by force', async () => {
  const network = await controller.createNetwork(memory('red'))
  const endpoint = await network.createEndpoint({ name: 'web' })
  await endpoint.join(await controller.createSandbox({ containerId: 'c' }))
  await expectRefusal(() => network.delete(), 'network-in-use', /1 endpoint .*"web"/)
  await network.delete({ force: true })
  expect(controller.endpoints()).toEqual([])
  await expectRefusal(() => network.info(), 'network-unknown')
})

test('endpoint names are unique in their network only', async () => {
  const red = await controller.createNetwork(memory('red'))
  const blue = await controller.createNetwork(memory('blue'))
  await red.createEndpoint({ name: 'web' })
  await expectRefusal(() => red.createEndpoint({ name: 'web' }), 'name-taken')
  await blue.createEndpoint({ name: 'web' })
  await expectRefusal(() => red.createEndpoint({ name: '' }), 'name-blank')
  await expectRefusal(() => controller.endpoint('web'), 'reference-ambiguous')
})

test('addresses are checked, and a refused endpoint keeps none', async () => {
  const network = await controller.createNetwork({ ...memory('red'), ipam: [{ pool: '10.60.0.0/24' }] })
  const attempt = (spec: object) => () => network.createEndpoint({ name: 'e', ...spec })
  await expectRefusal(attempt({ addresses: ['10.60.0.1'] }), 'address-taken')
  await expectRefusal(attempt({ addresses: ['10.61.0.9'] }), 'address-out-of-range')
  await expectRefusal(attempt({ addresses: ['fd00::9'] }), 'address-out-of-range', /no IPv6 pool/)
  await expectRefusal(attempt({ addresses: ['10.60.0.256'] }), 'address-invalid')
  await expectRefusal(attempt({ addresses: ['10.60.0.7', '10.60.0.8'] }), 'address-invalid')
  await expectRefusal(attempt({ linkLocalAddresses: ['10.0.0.1'] }), 'address-invalid')
  await expectRefusal(attempt({ macAddress: '01:00:5e:00:00:01' }), 'mac-invalid')
  await expectRefusal(attempt({ portMappings: [{ protocol: 'tcp', containerPort: 0 }] }), 'port-invalid')
  expect([...world.ipam.pools.get('10.60.0.0/24')!]).toEqual(['10.60.0.1'])
  const given = await network.createEndpoint({
    name: 'e',
    addresses: ['10.60.0.77'],
    linkLocalAddresses: ['169.254.1.1'],
  })
  expect(given.record()).toMatchObject({ addresses: ['10.60.0.77/24'], linkLocalAddresses: ['169.254.1.1/16'] })
})

test('an endpoint is in one sandbox, leaves the one that it is in, and is not deleted while it is in one', async () => {
  const network = await controller.createNetwork(memory('red'))
  const endpoint = await network.createEndpoint({ name: 'web' })
  const first = await controller.createSandbox({ containerId: 'first' })
  const second = await controller.createSandbox({ containerId: 'second' })
  await expectRefusal(() => endpoint.leave(first), 'endpoint-not-joined')
  await endpoint.join(first)
  await expectRefusal(() => endpoint.join(second), 'endpoint-joined')
  await expectRefusal(() => endpoint.leave(second), 'endpoint-not-joined')
  await expectRefusal(() => endpoint.delete(), 'endpoint-in-use')
  await endpoint.delete({ force: true })
  await expectRefusal(() => endpoint.info(), 'endpoint-unknown')
  await second.delete()
  await expectRefusal(() => endpoint.join(second), 'sandbox-unknown')
})

test('a container has one sandbox, and needs an id', async () => {
  await controller.createSandbox({ containerId: 'c' })
  await expectRefusal(() => controller.createSandbox({ containerId: 'c' }), 'sandbox-exists')
  await expectRefusal(() => controller.createSandbox({ containerId: ' ' }), 'name-blank')
  await expectRefusal(() => controller.createSandbox({ pid: 2 ** 22 + 1 }), 'sandbox-gone')
  await expectRefusal(() => controller.createSandbox({ path: '/etc/passwd' }), 'sandbox-gone', /no network namespace/)
})

test('objects are found by id, name and the beginning of an id', async () => {
  const red = await controller.createNetwork({ ...memory('red'), id: `aa${'0'.repeat(62)}` })
  await controller.createNetwork({ ...memory('blue'), id: `ab${'0'.repeat(62)}` })
  const named = await controller.createNetwork(memory('a'))
  expect(controller.network(red.id).name).toBe('red')
  expect(controller.network('aa').name).toBe('red')
  expect(controller.network('a').id).toBe(named.id)
  await named.delete()
  await expectRefusal(() => controller.network('a'), 'reference-ambiguous', /aa0000000000, ab0000000000/)
  await expectRefusal(() => controller.network('x'), 'network-unknown')
  await expectRefusal(() => controller.network(''), 'network-unknown')
  expect(controller.networks().map(({ name }) => name)).toEqual(['red', 'blue'])
})

test('families can be chosen', async () => {
  const only6 = await controller.createNetwork({ ...memory('six'), ipv4: false, ipv6: true })
  const endpoint = await only6.createEndpoint({ name: 'e' })
  expect(endpoint.info().addresses).toEqual(['fd00:1::2/64'])
  await expectRefusal(() => controller.createNetwork({ ...memory('none'), ipv4: false, ipv6: false }), 'option-invalid')
  await expectRefusal(
    () => controller.createNetwork({ ...memory('n'), ipv4: false, ipam: [{ pool: '10.0.0.0/24' }] }),
    'option-invalid',
  )
})

test('a failing driver leaves nothing behind', async () => {
  world.kernel.after = (call) => {
    if (call === 'createNetwork') throw new Error('no luck')
  }
  await expectRefusal(
    () => controller.createNetwork(memory('red')),
    'kernel-refused',
    /"red" could not be created: no luck/,
  )
  expect([controller.networks(), [...world.kernel.networks], world.ipam.pools.size]).toEqual([[], [], 0])
  world.kernel.after = () => {}
  const network = await controller.createNetwork(memory('red'))
  const endpoint = await network.createEndpoint({ name: 'web' })
  const sandbox = await controller.createSandbox({ containerId: 'c' })
  world.kernel.after = (call) => {
    if (call === 'join') throw new Error('no luck')
  }
  await expectRefusal(() => endpoint.join(sandbox), 'kernel-refused', /"web" could not join .*no luck/)
  expect([endpoint.info().sandbox, world.kernel.joined.size, world.kernel.exposed.size]).toEqual([null, 0, 0])
})

test('an endpoint that its driver cannot delete can be deleted again', async () => {
  const network = await controller.createNetwork(memory('red'))
  const endpoint = await network.createEndpoint({ name: 'web' })
  world.kernel.before = (call) => {
    if (call === 'deleteEndpoint') throw new Error('busy')
  }
  await expectRefusal(() => endpoint.delete(), 'kernel-refused', /busy/)
  expect(endpoint.info().addresses).toEqual(['10.1.0.2/24'])
  world.kernel.before = () => {}
  await endpoint.delete()
  expect(world.ipam.pools.get('10.1.0.0/24')?.size).toBe(1)
})

test('a closed controller does nothing more', async () => {
  const network = await controller.createNetwork(memory('red'))
  await controller.close()
  await expectRefusal(() => controller.createNetwork(memory('blue')), 'controller-closed')
  await expectRefusal(() => network.createEndpoint({ name: 'e' }), 'controller-closed')
  await expectRefusal(() => network.delete(), 'controller-closed')
})
