/** Paths through routers of the test's own: every protocol, both families, narrow links, filters and silence. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Namespace } from '../../src/kernel/index.ts'
import { findPath, type PathInit, type PathReport } from '../../src/probe/index.ts'
import { ProbeWorld } from './probe-world.ts'

const world = new ProbeWorld('probepath')
let client: Namespace

const TO = { ipv4: '10.79.3.2', ipv6: 'fd79:3::2' } as const
const HOPS = { ipv4: ['10.79.1.2', '10.79.2.2', '10.79.3.2'], ipv6: ['fd79:1::2', 'fd79:2::2', 'fd79:3::2'] } as const

// client - r1 - r2 - server; the link between the routers takes 1400 bytes.
beforeAll(async () => {
  const [here, one, two, there] = [world.add('client'), world.add('r1'), world.add('r2'), world.add('server')]
  client = here.namespace
  world.join(here.name, ['e0', '10.79.1.1/24', 'fd79:1::1/64'], one.name, ['e0', '10.79.1.2/24', 'fd79:1::2/64'])
  world.join(one.name, ['e1', '10.79.2.1/24', 'fd79:2::1/64'], two.name, ['e0', '10.79.2.2/24', 'fd79:2::2/64'])
  world.join(two.name, ['e1', '10.79.3.1/24', 'fd79:3::1/64'], there.name, ['e0', '10.79.3.2/24', 'fd79:3::2/64'])
  world.inside(here.name, ['route add default via 10.79.1.2', 'route add default via fd79:1::2'])
  world.inside(one.name, [
    'link set e1 mtu 1400',
    'route add 10.79.3.0/24 via 10.79.2.2',
    'route add fd79:3::/64 via fd79:2::2',
    'route add prohibit 10.80.0.0/16',
  ])
  world.inside(two.name, [
    'link set e0 mtu 1400',
    'route add 10.79.1.0/24 via 10.79.2.1',
    'route add fd79:1::/64 via fd79:2::1',
  ])
  world.inside(there.name, ['route add default via 10.79.3.1', 'route add default via fd79:3::1'])
  for (const { name } of [one, two]) {
    execFileSync('ip', [
      'netns',
      'exec',
      name,
      'sysctl',
      '-qw',
      'net.ipv4.ip_forward=1',
      'net.ipv6.conf.all.forwarding=1',
      'net.ipv4.icmp_ratemask=0',
      'net.ipv6.icmp.ratemask=',
    ])
  }
  const rules =
    'table inet guard { chain transit { type filter hook forward priority 0; tcp dport 81 drop; tcp dport 82 reject with icmpx admin-prohibited; }\n}\n'
  execFileSync('ip', ['netns', 'exec', two.name, 'nft', '-f', '-'], { input: rules })
  await world.node(
    there.name,
    `import { createServer } from 'node:net'
     import { createSocket } from 'node:dgram'
     const echo = createSocket('udp6')
     echo.on('message', (bytes, from) => echo.send(bytes, from.port, from.address))
     createServer((socket) => socket.on('error', () => {})).listen(80, '::', () => echo.bind(7, '::', () => console.log('ready')))`,
  )
  await world.settle()
})

afterAll(() => world.close())

function find(more: Partial<PathInit>): Promise<PathReport> {
  const usual = {
    protocol: 'icmp',
    port: 33_434,
    rounds: 3,
    interval: 60,
    timeout: 700,
    mostHops: 12,
    size: 64,
    mtu: false,
  } as const
  return findPath({ namespace: client, address: TO.ipv4, ...usual, ...more })
}

const addresses = (report: PathReport): (string | undefined)[] => report.hops.map((hop) => hop.addresses[0])

test.each([
  ['icmp', 'ipv4', 'reached', 0],
  ['icmp', 'ipv6', 'reached', 0],
  ['udp', 'ipv4', 'reached', 33_434],
  ['udp', 'ipv6', 'reached', 33_434],
  ['udp', 'ipv4', 'reached', 7],
  ['tcp', 'ipv4', 'open', 80],
  ['tcp', 'ipv6', 'open', 80],
  ['tcp', 'ipv4', 'closed', 9],
  ['tcp', 'ipv6', 'closed', 9],
] as const)('%s over %s is %s at port %i, hop by hop', async (protocol, family, outcome, port) => {
  const report = await find({ protocol, address: TO[family], port })
  expect(report).toMatchObject({ outcome, rounds: 3, objection: protocol === 'udp' ? report.objection : null })
  expect(addresses(report)).toEqual(HOPS[family])
  for (const hop of report.hops.slice(0, 2)) expect(hop).toMatchObject({ sent: 3, received: 3, lost: 0 })
  expect(report.hops.at(-1)!.received).toBeGreaterThan(0)
  expect(report.hops[0]!.roundTrip!.minimum).toBeGreaterThan(0)
})

test('a filter that drops leaves the hops before it; one that rejects is named', async () => {
  const dropped = await find({ protocol: 'tcp', port: 81, timeout: 250, mostHops: 6 })
  expect(dropped).toMatchObject({ outcome: 'not-reached', objection: null })
  expect(addresses(dropped)).toEqual(['10.79.1.2', '10.79.2.2', undefined])
  expect(dropped.hops[2]).toMatchObject({ sent: 3, received: 0, lost: 3 })
  const rejected = await find({ protocol: 'tcp', port: 82 })
  expect(rejected).toMatchObject({ outcome: 'not-reached', objection: { from: '10.79.2.2', reason: 'prohibited' } })
  const prohibited = await find({ address: '10.80.0.1' })
  expect(prohibited).toMatchObject({ outcome: 'not-reached', objection: { from: '10.79.1.2', reason: 'prohibited' } })
  expect(prohibited.hops).toHaveLength(1)
})

test.each(['ipv4', 'ipv6'] as const)('the narrow link is found where it is, over %s', async (family) => {
  const report = await find({ address: TO[family], mtu: true, rounds: 1 })
  expect(report.hops.map(({ mtu }) => mtu)).toEqual([1500, 1400, 1400])
  expect(report.mtu).toBe(1400)
})

test('no route is told as a reason, and nothing is sent', async () => {
  world.inside(world.names.name('client'), ['route add unreachable 10.81.0.0/16'])
  expect(await find({ address: '10.81.0.1' })).toMatchObject({
    outcome: 'not-reached',
    reason: 'EHOSTUNREACH',
    hops: [],
  })
})

test('it can be interrupted, and tells what it has', async () => {
  const report = await find({ rounds: 0, signal: AbortSignal.timeout(300) })
  expect(report.interrupted).toBe(true)
  expect(report.rounds).toBeGreaterThan(1)
  expect(addresses(report)).toEqual(HOPS.ipv4)
})
