/** The CNI plugin as a runtime calls it, against the rules of the specification (CNI 1.1.0). No daemon runs. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPlugin, CniWorld, run } from './cni-world.ts'

let world: CniWorld
beforeAll(() => {
  buildPlugin()
  world = new CniWorld('cni')
})
afterAll(() => world.close())

const network = (change: object = {}) => ({
  cniVersion: '1.1.0',
  name: 'pods',
  type: 'netwright',
  bridge: 'pods0',
  ipam: { subnet: '10.70.0.0/24' },
  ...change,
})

/** ADD, which must work. */
function add(container: string, configuration: object = network()) {
  const outcome = world.call({ verb: 'ADD', container, configuration })
  expect(outcome).toMatchObject({ code: 0, remarks: '' })
  return outcome.answer
}

test('two containers get interfaces, reach each other, and leave nothing of themselves', () => {
  const [one, two] = [world.container('one'), world.container('two')]
  const first = add(one)
  expect(first).toEqual({
    cniVersion: '1.1.0',
    interfaces: [
      { name: 'pods0', mac: expect.stringMatching(/^02:/) },
      { name: expect.stringMatching(/^veth/), mac: expect.any(String) },
      { name: 'eth0', mac: '02:42:0a:46:00:02', mtu: 1500, sandbox: `/run/netns/${one}` },
    ],
    ips: [{ address: '10.70.0.2/24', gateway: '10.70.0.1', interface: 2 }],
    routes: [{ dst: '0.0.0.0/0', gw: '10.70.0.1' }],
    dns: {},
  })
  expect(add(two).ips[0].address).toBe('10.70.0.3/24')
  expect(world.reaches(one, '10.70.0.3')).toBe(true)
  expect(world.reaches(two, '10.70.0.1')).toBe(true)
  for (const container of [one, two]) {
    expect(world.call({ verb: 'DEL', container, configuration: network() })).toMatchObject({
      code: 0,
      answer: undefined,
    })
    expect(world.interfaces(container)).toEqual(['lo'])
  }
  expect(world.interfaces(world.host).filter((name) => name.startsWith('veth'))).toEqual([])
  const again = add(one)
  expect(again.ips[0].address).toBe('10.70.0.2/24')
  world.call({ verb: 'DEL', container: one, configuration: network() })
})

test('DEL may come twice, for what never was, and after the namespace has gone', () => {
  const gone = world.container('gone')
  add(gone)
  run('ip', 'netns', 'delete', gone)
  const del = { verb: 'DEL', container: gone, configuration: network() }
  expect(world.call(del)).toMatchObject({ code: 0, answer: undefined, remarks: '' })
  expect(world.call({ ...del, netns: '' })).toMatchObject({ code: 0 })
  expect(world.call({ ...del, container: 'never-was' })).toMatchObject({ code: 0 })
  expect(world.call({ ...del, configuration: network({ name: 'other' }) })).toMatchObject({ code: 0 })
  const next = world.container('next')
  expect(add(next).ips[0].address).toBe('10.70.0.2/24')
  world.call({ verb: 'DEL', container: next, configuration: network() })
})

test('a second ADD of the same interface is refused and breaks nothing', () => {
  const container = world.container('twice')
  add(container)
  const second = world.call({ verb: 'ADD', container, configuration: network() })
  expect(second).toMatchObject({ code: 1, answer: { code: 102, cniVersion: '1.1.0' } })
  expect(world.reaches(container, '10.70.0.1')).toBe(true)
  world.call({ verb: 'DEL', container, configuration: network() })
})

test('an ADD that fails leaves nothing behind', () => {
  const container = world.container('fails')
  const wish = network({ runtimeConfig: { ips: ['10.99.0.1/24'] } })
  expect(world.call({ verb: 'ADD', container, configuration: wish })).toMatchObject({ code: 1, answer: { code: 7 } })
  expect(world.interfaces(container)).toEqual(['lo'])
  const nowhere = { verb: 'ADD', container: 'x', netns: '/run/netns/nwt-nowhere', configuration: network() }
  expect(world.call(nowhere)).toMatchObject({ code: 1, answer: { code: 3 } })
  const host = { verb: 'ADD', container: 'x', netns: `/run/netns/${world.host}`, configuration: network() }
  expect(world.call(host)).toMatchObject({ code: 1, answer: { code: 4 } })
  expect(add(container).ips[0].address).toBe('10.70.0.2/24')
  world.call({ verb: 'DEL', container, configuration: network() })
})

test('CHECK is content with what ADD left, and tells what was changed since', () => {
  const container = world.container('check')
  const prevResult = add(container)
  const check = { verb: 'CHECK', container, configuration: network({ prevResult }) }
  expect(world.call(check)).toMatchObject({ code: 0, answer: undefined, remarks: '' })
  expect(world.call({ ...check, configuration: network() })).toMatchObject({ code: 1, answer: { code: 7 } })
  run('ip', '-n', container, 'route', 'delete', 'default')
  expect(world.call(check)).toMatchObject({
    code: 1,
    answer: { code: 101, msg: 'the default route by 10.70.0.1 is gone' },
  })
  run('ip', '-n', container, 'address', 'flush', 'dev', 'eth0')
  expect(world.call(check).answer.msg).toBe('the interface eth0 has lost its address 10.70.0.2/24')
  run('ip', '-n', container, 'link', 'set', 'eth0', 'down')
  expect(world.call(check).answer.msg).toBe('the interface eth0 is down')
  run('ip', '-n', container, 'link', 'delete', 'eth0')
  expect(world.call(check)).toMatchObject({ code: 1, answer: { code: 101 } })
  expect(world.call({ ...check, verb: 'DEL' })).toMatchObject({ code: 0 })
  expect(world.call(check).answer.msg).toBe(`${container} has no eth0 in network pods`)
})

test('GC removes what the runtime does not name, and nothing else', () => {
  const [kept, left] = [world.container('kept'), world.container('left')]
  add(kept)
  add(left)
  const valid = { 'cni.dev/valid-attachments': [{ containerID: kept, ifname: 'eth0' }] }
  expect(world.call({ verb: 'GC', configuration: network(valid) })).toMatchObject({ code: 0, remarks: '' })
  expect(world.interfaces(left)).toEqual(['lo'])
  expect(world.reaches(kept, '10.70.0.1')).toBe(true)
  world.call({ verb: 'GC', configuration: network() })
  expect(world.interfaces(kept)).toEqual(['lo'])
})

test('STATUS says nothing when the engine can be had', () => {
  expect(world.call({ verb: 'STATUS', configuration: network() })).toMatchObject({ code: 0, answer: undefined })
})

test('ports, addresses, MAC address, DNS and routes are as the runtime wishes', () => {
  const container = world.container('wishes')
  const configuration = network({
    cniVersion: '1.0.0',
    ipam: { subnet: '10.70.0.0/24', routes: [{ dst: '0.0.0.0/0' }, { dst: '198.51.100.0/24' }] },
    runtimeConfig: {
      ips: ['10.70.0.77/24'],
      mac: '02:00:00:00:00:77',
      dns: { servers: ['10.70.0.1'] },
      portMappings: [{ hostPort: 8077, containerPort: 80, protocol: 'tcp' }],
    },
  })
  const result = add(container, configuration)
  expect(result).toMatchObject({
    cniVersion: '1.0.0',
    ips: [{ address: '10.70.0.77/24' }],
    routes: [{ dst: '0.0.0.0/0', gw: '10.70.0.1' }, { dst: '198.51.100.0/24' }],
    dns: { nameservers: ['10.70.0.1'] },
  })
  expect(result.interfaces[2]).toEqual({ name: 'eth0', mac: '02:00:00:00:00:77', sandbox: `/run/netns/${container}` })
  expect(run('ip', '-n', container, 'route', 'show', '198.51.100.0/24')).toContain('via 10.70.0.1 dev eth0')
  expect(run('ip', 'netns', 'exec', world.host, 'nft', 'list', 'table', 'inet', 'netwright-bridge')).toContain('8077')
  const other = { verb: 'ADD', container: world.container('late'), configuration }
  expect(world.call(other)).toMatchObject({ code: 1, answer: { code: 100 } })
  world.call({ verb: 'DEL', container, configuration })
  expect(run('ip', 'netns', 'exec', world.host, 'nft', 'list', 'table', 'inet', 'netwright-bridge')).not.toContain(
    '8077',
  )
})

test('a configuration of 0.4.0 gets a result of 0.4.0, both families, behind what came before in the chain', () => {
  const container = world.container('old')
  const configuration = network({
    name: 'dual',
    bridge: 'dual0',
    cniVersion: '0.4.0',
    ipam: { subnets: [{ subnet: '10.71.0.0/24' }, { subnet: 'fd00:71::/64' }] },
    prevResult: { cniVersion: '0.4.0', interfaces: [{ name: 'first' }], ips: [], routes: [] },
  })
  expect(add(container, configuration)).toMatchObject({
    cniVersion: '0.4.0',
    interfaces: [{ name: 'first' }, { name: 'dual0' }, {}, { name: 'eth0' }],
    ips: [
      { version: '4', address: '10.71.0.2/24', interface: 3 },
      { version: '6', interface: 3 },
    ],
  })
  world.call({ verb: 'DEL', container, configuration })
})

test('calls that come together take their turn', async () => {
  const containers = Array.from({ length: 4 }, (_, index) => world.container(`many${index}`))
  const all = (verb: string) =>
    Promise.all(containers.map((container) => world.callSoon({ verb, container, configuration: network() })))
  const added = await all('ADD')
  expect(added.map(({ code }) => code)).toEqual([0, 0, 0, 0])
  expect(new Set(added.map(({ answer }) => answer.ips[0].address)).size).toBe(4)
  expect((await all('DEL')).map(({ code }) => code)).toEqual([0, 0, 0, 0])
  expect(containers.flatMap((container) => world.interfaces(container))).toEqual(['lo', 'lo', 'lo', 'lo'])
})
