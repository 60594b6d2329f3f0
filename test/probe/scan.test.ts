/** Scans of ports and sweeps of ranges, in a world of the test's own. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Namespace } from '../../src/kernel/index.ts'
import { parseAddresses, type ScanInit, scanPorts, sweep } from '../../src/probe/index.ts'
import { ProbeWorld } from './probe-world.ts'

const world = new ProbeWorld('probescan')
let client: Namespace
let clientName = ''

// The client and a server on one link; behind the server a network of which it is the router.
beforeAll(async () => {
  const [here, there, far] = [world.add('client'), world.add('server'), world.add('far')]
  client = here.namespace
  clientName = here.name
  world.join(here.name, ['e0', '10.84.0.1/24', 'fd84::1/64'], there.name, ['e0', '10.84.0.2/24', 'fd84::2/64'])
  world.join(there.name, ['e1', '10.84.1.1/24', 'fd84:1::1/64'], far.name, ['e0', '10.84.1.2/24', 'fd84:1::2/64'])
  world.inside(here.name, ['route add default via 10.84.0.2', 'route add default via fd84::2'])
  world.inside(far.name, [
    'route add default via 10.84.1.1',
    'route add default via fd84:1::1',
    'addr add 10.84.1.3/24 dev e0',
  ])
  world.inside(there.name, ['addr add 10.84.0.3/24 dev e0', 'addr add 10.84.0.200/24 dev e0'])
  const enter = (name: string, rules: string): void => {
    const command = 'sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; nft -f -'
    execFileSync('ip', ['netns', 'exec', name, 'sh', '-c', command], { input: rules })
  }
  enter(
    there.name,
    'table inet guard { chain in { type filter hook input priority 0; tcp dport 100-109 drop; tcp dport 110 reject with icmpx admin-prohibited; }\n}\n',
  )
  // It answers no pings, but connections.
  enter(
    far.name,
    'table inet guard { chain in { type filter hook input priority 0; ip daddr 10.84.1.3 icmp type echo-request drop; }\n}\n',
  )
  await world.node(
    there.name,
    `import { createServer } from 'node:net'
     const open = (port) => new Promise((done) => createServer((socket) => socket.on('error', () => {})).listen(port, '::', done))
     await open(22); await open(80); await open(105)
     console.log('ready')`,
  )
  await world.settle()
})

afterAll(() => world.close())

const PORTS = Array.from({ length: 150 }, (_, i) => i + 1)

const scan = (address: string, method: ScanInit['method'], more: Partial<ScanInit> = {}) =>
  scanPorts({ namespace: client, address, method, ports: PORTS, timeout: 500, rate: 100_000, ...more })

test.each([
  ['10.84.0.2', 'half-open'],
  ['10.84.0.2', 'connect'],
  ['fd84:0::2', 'half-open'],
  ['fd84::2', 'connect'],
] as const)('%s, %s: open, closed and filtered ports are told apart', async (address, method) => {
  const { ports, reason } = await scan(address, method)
  expect(reason).toBeNull()
  expect(ports.map(({ port }) => port)).toEqual(PORTS)
  const of = (state: string): number[] => ports.filter((port) => port.state === state).map(({ port }) => port)
  expect(of('open')).toEqual([22, 80])
  expect(of('filtered')).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110])
  expect(of('closed')).toHaveLength(150 - 13)
  const rejected = ports.find(({ port }) => port === 110)!
  expect(rejected.objection).toMatchObject({ reason: 'prohibited' })
  expect(ports[21]!.milliseconds).toBeGreaterThanOrEqual(0)
})

test('a half-open scan leaves no connection behind at either end', async () => {
  await scan('10.84.0.2', 'half-open', { ports: [22, 80] })
  for (const name of [clientName, world.names.name('server')]) {
    const sockets = execFileSync('ip', ['netns', 'exec', name, 'ss', '-tanH'], { encoding: 'utf8' })
    const left = sockets
      .split('\n')
      .filter((line) => line.includes(':22 ') && !line.startsWith('LISTEN') && !line.startsWith('TIME-WAIT'))
    expect(left).toEqual([])
  }
})

test('no route ends it at once with the reason', async () => {
  world.inside(clientName, ['route add unreachable 10.85.0.0/16'])
  for (const method of ['half-open', 'connect'] as const) {
    expect(await scan('10.85.0.1', method, { timeout: 20_000 })).toMatchObject({ reason: 'EHOSTUNREACH', ports: [] })
  }
})

test('addresses without a route cost no time, and are counted', async () => {
  world.inside(clientName, ['route add unreachable 10.88.0.0/16'])
  const begun = performance.now()
  const found = await sweep({
    namespace: client,
    addresses: parseAddresses('10.88.0.0/29')!,
    timeout: 20_000,
    rate: 100_000,
  })
  expect(found).toMatchObject({ hosts: [], refused: { EHOSTUNREACH: 6 } })
  expect(performance.now() - begun).toBeLessThan(10_000)
})

test('it can be interrupted: what is not known is left out', async () => {
  const found = await scan('10.84.0.2', 'half-open', { timeout: 60_000, signal: AbortSignal.timeout(300) })
  expect(found.interrupted).toBe(true)
  expect(found.ports.some(({ port }) => port === 105)).toBe(false)
  expect(found.ports.some(({ port }) => port === 22)).toBe(true)
})

test('a sweep of the link: by ARP, also what answers nothing else, and the neighbour table stays as it is', async () => {
  const before = execFileSync('ip', ['-n', clientName, 'neigh'], { encoding: 'utf8' })
  const found = await sweep({
    namespace: client,
    addresses: parseAddresses('10.84.0.0/24')!,
    timeout: 1000,
    rate: 100_000,
  })
  expect(found.hosts.map(({ address, by }) => [address, by])).toEqual([
    ['10.84.0.1', 'own'],
    ['10.84.0.2', 'arp'],
    ['10.84.0.3', 'arp'],
    ['10.84.0.200', 'arp'],
  ])
  expect(found.hosts[1]!.macs).toHaveLength(1)
  expect(found).toMatchObject({ asked: 254, refused: {} })
  const known = (text: string): string[] =>
    text
      .split('\n')
      .map((line) => line.split(' ')[0]!)
      .toSorted()
  expect(known(execFileSync('ip', ['-n', clientName, 'neigh'], { encoding: 'utf8' }))).toEqual(known(before))
})

test('a sweep beyond the link: by echo requests, and by SYNs where those are dropped', async () => {
  const found = await sweep({
    namespace: client,
    addresses: parseAddresses('10.84.1.1-5')!,
    timeout: 800,
    rate: 100_000,
  })
  const by = new Map(found.hosts.map((host) => [host.address, host.by]))
  expect([...by.keys()]).toEqual(['10.84.1.1', '10.84.1.2', '10.84.1.3'])
  expect(by.get('10.84.1.3')).toBe('tcp')
  const six = await sweep({
    namespace: client,
    addresses: parseAddresses('fd84:1::/125')!,
    timeout: 800,
    rate: 100_000,
  })
  expect(six.hosts.map(({ address }) => address)).toEqual(expect.arrayContaining(['fd84:1::1', 'fd84:1::2']))
})
