import assert from 'node:assert/strict'
import test from 'node:test'
import { isEngineError } from '../../src/engine/index.ts'
import { ParentWorld } from './engine-parent-world.ts'

const refusedAs = (code: Parameters<typeof isEngineError>[1]) => (error: unknown) => isEngineError(error, code)

/** Ways of macvlan and ipvlan to connect two endpoints of one network. */
const ways = [
  { driver: 'macvlan', options: { macvlan_mode: 'bridge' }, meet: true },
  { driver: 'macvlan', options: { macvlan_mode: 'vepa' }, meet: true },
  { driver: 'macvlan', options: { macvlan_mode: 'private' }, meet: false },
  { driver: 'ipvlan', options: { ipvlan_mode: 'l2' }, meet: true },
  { driver: 'ipvlan', options: { ipvlan_mode: 'l2', ipvlan_flag: 'private' }, meet: false },
  { driver: 'ipvlan', options: { ipvlan_mode: 'l2', ipvlan_flag: 'vepa' }, meet: true },
]

for (const { driver, options, meet } of ways) {
  test(`${driver} ${Object.values(options)}: endpoints reach the outside${meet ? ' and each other' : ', but not each other'}`, async () => {
    await using world = await ParentWorld.open()
    const network = await world.network({
      driver,
      options: { parent: 'parent0', ...options },
      ipam: [
        { pool: '10.70.0.0/24', gateway: '10.70.0.1' },
        { pool: 'fd70::/64', gateway: 'fd70::1' },
      ],
    })
    const [a, b] = [
      await world.member(network, 'a', ['10.70.0.2', 'fd70::2']),
      await world.member(network, 'b', ['10.70.0.3', 'fd70::3']),
    ]
    assert.equal(a.endpoint.info().gateway, '10.70.0.1')
    assert.equal(world.reaches(a.sandbox, '10.70.0.1'), true)
    assert.equal(world.reaches(a.sandbox, 'fd70::1'), true)
    assert.equal(world.reaches(a.sandbox, '10.70.0.3', meet ? 3 : 1), meet)
    assert.equal(world.reaches(b.sandbox, 'fd70::2', meet ? 3 : 1), meet)
    const [link] = world.ip(a.sandbox, 'link', 'show', 'eth0')
    assert.equal(link.linkinfo.info_kind, driver)
    assert.equal(link.ifalias, `netwright:${a.endpoint.id}`)
    if (driver === 'macvlan') assert.equal(link.address, a.endpoint.info().macAddress)
    await a.endpoint.leave(a.sandbox)
    assert.deepEqual(world.links(a.sandbox), ['lo'])
    await a.endpoint.delete()
    await world.dismiss(b)
    await network.delete()
    assert.deepEqual(world.hostLinks(), ['lo', 'parent0'])
  })
}

for (const mode of ['l3', 'l3s']) {
  test(`ipvlan ${mode}: endpoints of two pools reach each other and the outside without a gateway`, async () => {
    await using world = await ParentWorld.open()
    world.host.run('ip', ['addr', 'add', '10.70.0.9/24', 'dev', 'parent0'])
    world.outside.run('ip', ['route', 'add', '10.71.0.0/16', 'via', '10.70.0.9'])
    const network = await world.network({
      driver: 'ipvlan',
      options: { parent: 'parent0', ipvlan_mode: mode },
      ipam: [{ pool: '10.71.1.0/24' }, { pool: '10.71.2.0/24' }],
    })
    const a = await world.member(network, 'a', ['10.71.1.2'])
    const b = await world.member(network, 'b', ['10.71.2.2'])
    assert.equal(a.endpoint.info().gateway, null)
    assert.equal(world.reaches(a.sandbox, b.address), true)
    assert.equal(world.reaches(b.sandbox, '10.70.0.1'), true)
    await world.dismiss(a, b)
    await network.delete()
  })
}

test('macvlan passthru: one endpoint has the parent to itself, with its address; a second is refused', async () => {
  await using world = await ParentWorld.open()
  const network = await world.network({
    driver: 'macvlan',
    options: { parent: 'parent0', macvlan_mode: 'passthru' },
  })
  const a = await world.member(network, 'a', ['10.70.0.2'])
  assert.equal(world.reaches(a.sandbox, '10.70.0.1'), true)
  const [parent] = world.host.ip('link', 'show', 'parent0')
  assert.equal(world.ip(a.sandbox, 'link', 'show', 'eth0')[0].address, parent.address)
  await assert.rejects(world.member(network, 'b', ['10.70.0.3']), refusedAs('parent-taken'))
  const spec = { name: 'second', driver: 'macvlan', options: { parent: 'parent0' }, ipam: [{ pool: '10.72.0.0/24' }] }
  await assert.rejects(world.controller.createNetwork(spec), refusedAs('parent-taken'))
  await assert.rejects(network.createEndpoint({ name: 'c', macAddress: '02:00:00:00:00:01' }), refusedAs('mac-invalid'))
})

for (const driver of ['macvlan', 'ipvlan']) {
  test(`${driver} without a parent: endpoints reach each other, nothing else, and the parent goes with the network`, async () => {
    await using world = await ParentWorld.open()
    const network = await world.network({ driver, ipam: [{ pool: '10.70.0.0/24' }] })
    const dummy = `${driver === 'macvlan' ? 'dm' : 'di'}-${network.id.slice(0, 12)}`
    assert.equal(world.host.ip('link', 'show', dummy)[0].linkinfo.info_kind, 'dummy')
    const a = await world.member(network, 'a', ['10.70.0.2'])
    const b = await world.member(network, 'b', ['10.70.0.3'])
    assert.equal(world.reaches(a.sandbox, b.address), true)
    assert.deepEqual(world.ip(a.sandbox, 'route', 'show', 'default'), [])
    await world.dismiss(a, b)
    await network.delete()
    assert.deepEqual(world.hostLinks(), ['lo', 'parent0'])
  })

  test(`${driver} on a VLAN that the host lacks: it is made, shared, and removed with the last network on it`, async () => {
    await using world = await ParentWorld.open()
    const vlan = [
      'link add link switch0 name out10 type vlan id 10',
      'link set out10 up',
      'addr add 10.80.0.1/24 dev out10',
    ]
    world.outside.run('ip', ['-batch', '-'], vlan.join('\n'))
    const options = { parent: 'parent0.10' }
    const first = await world.network({ name: 'first', driver, options, ipam: [{ pool: '10.80.0.0/24' }] })
    const second = await world.network({ name: 'second', driver, options, ipam: [{ pool: '10.81.0.0/24' }] })
    const a = await world.member(first, 'a', ['10.80.0.2'])
    assert.equal(world.reaches(a.sandbox, '10.80.0.1'), true)
    await world.dismiss(a)
    await first.delete()
    const [link] = world.host.ip('link', 'show', 'parent0.10')
    assert.deepEqual([link.linkinfo.info_kind, link.linkinfo.info_data.id], ['vlan', 10])
    await second.delete()
    assert.deepEqual(world.hostLinks(), ['lo', 'parent0'])
  })
}

test('a VLAN that was there before stays when the network on it goes', async () => {
  await using world = await ParentWorld.open()
  world.host.run('ip', 'link add link parent0 name parent0.20 type vlan id 20'.split(' '))
  const network = await world.network({ driver: 'macvlan', options: { parent: 'parent0.20' } })
  await network.delete()
  assert.deepEqual(world.hostLinks(), ['lo', 'parent0', 'parent0.20'])
})

test('after a restart endpoints keep their traffic, missing parents are made again, strays go', async () => {
  await using world = await ParentWorld.open()
  const network = await world.network({ driver: 'macvlan', options: { parent: 'parent0' } })
  const closed = await world.network({ name: 'closed', driver: 'macvlan', ipam: [{ pool: '10.75.0.0/24' }] })
  const a = await world.member(network, 'a', ['10.70.0.2'])
  await world.controller.close()
  const [dummy, stray] = [`dm-${closed.id.slice(0, 12)}`, 'dm-0123456789ab']
  world.host.run('ip', ['link', 'delete', dummy])
  world.host.run('ip', ['link', 'add', stray, 'type', 'dummy'])
  world.host.run('ip', ['link', 'set', stray, 'alias', `netwright:0123456789ab${'0'.repeat(52)}`])
  await world.start()
  assert.deepEqual(world.controller.recovery.failures, [])
  assert.equal(world.reaches(a.sandbox, '10.70.0.1'), true)
  assert.deepEqual(world.hostLinks().sort(), [dummy, 'lo', 'parent0'].sort())
})

test('an interface that was never marked, because we were killed, is removed when its endpoint leaves', async () => {
  await using world = await ParentWorld.open()
  const network = await world.network({ driver: 'macvlan', options: { parent: 'parent0' } })
  const { endpoint, sandbox } = await world.member(network, 'a', ['10.70.0.2'])
  world.run(sandbox, 'link', 'set', 'eth0', 'down')
  world.run(sandbox, 'link', 'set', 'eth0', 'name', `nwt${endpoint.id.slice(0, 12)}`, 'alias', '')
  await endpoint.leave(sandbox)
  assert.deepEqual(world.links(sandbox), ['lo'])
})

test('what a parent cannot do is told: it is unknown, it is down, it is the port of a bridge', async () => {
  await using world = await ParentWorld.open()
  const unknown = { driver: 'macvlan', options: { parent: 'nothere0' } }
  await assert.rejects(world.network(unknown), refusedAs('parent-unknown'))
  await assert.rejects(
    world.network({ driver: 'ipvlan', options: { parent: 'nothere0.7' } }),
    refusedAs('parent-unknown'),
  )
  world.host.run('ip', 'link set parent0 down'.split(' '))
  await assert.rejects(world.network({ driver: 'macvlan', options: { parent: 'parent0.7' } }), /ip link set parent0 up/)
  assert.deepEqual(world.hostLinks(), ['lo', 'parent0'])
  const network = await world.network({ driver: 'macvlan', options: { parent: 'parent0' } })
  world.host.run('ip', 'link add bridge0 type bridge'.split(' '))
  world.host.run('ip', 'link set parent0 master bridge0 up'.split(' '))
  await assert.rejects(world.member(network, 'a', ['10.70.0.2']), refusedAs('parent-taken'))
})
