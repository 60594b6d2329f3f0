/** Checks on scenes that are written down: what is a finding, and above all what is none. */
import { describe, expect, test } from 'vitest'
import { NO_INTENT } from '../intent/index.ts'
import { judgeService } from './checks/backends.ts'
import { examine, prepare } from './examine.ts'
import { type PlainPlace, plainScene } from './plain-scene.ts'

/** Codes with the places that they are about. */
async function said(
  places: Readonly<Record<string, PlainPlace>>,
  options: Parameters<typeof examine>[1] = {},
): Promise<string[]> {
  const { findings, warnings } = await examine(plainScene(places), options)
  // What needs a kernel cannot be examined on paper.
  expect(warnings.filter((warning) => !/^(netns-reference|nat-target-missing|backend)/.test(warning))).toEqual([])
  return findings
    .filter(({ code }) => !code.startsWith('netns-reference'))
    .map(({ code, severity, subject }) => `${severity} ${code} ${subject.names[0]}`)
}

const container = (last: number, more: Partial<PlainPlace['links'][number]> = {}): PlainPlace => ({
  links: [
    { name: 'eth0', mac: `02:00:00:00:01:0${last}`, addresses: [`10.0.0.${last}/24`], peer: `host v${last}`, ...more },
  ],
  routes: ['default via 10.0.0.1 dev eth0'],
})
const bridge = { name: 'br0', kind: 'bridge', addresses: ['10.0.0.1/24'] }
const port = (last: number, more: Partial<PlainPlace['links'][number]> = {}): PlainPlace['links'][number] => ({
  name: `v${last}`,
  master: 'br0',
  peer: `c${last} eth0`,
  ...more,
})
const host = (...links: PlainPlace['links']): PlainPlace => ({
  links: [bridge, ...links],
  settings: { 'net.ipv4.conf.br0.forwarding': '1' },
})

test('a host with containers is well', async () => {
  expect(await said({ host: host(port(2), port(3)), c2: container(2), c3: container(3) })).toEqual([])
})

describe('what looks odd and is no finding', () => {
  test('the same address on wires that are apart', async () => {
    expect(
      await said({ host: host(port(2)), c2: container(2), other: { links: [bridge] }, third: { links: [bridge] } }),
    ).toEqual([])
  })

  test('interfaces that are off and that nobody uses', async () => {
    expect(await said({ host: host(port(2), { name: 'spare', kind: 'device', up: false }), c2: container(2) })).toEqual(
      [],
    )
  })

  test('a cable that packets are routed into', async () => {
    const routed: PlainPlace = {
      links: [{ name: 'cali0', peer: 'c2 eth0' }],
      routes: ['10.0.0.2/32 dev cali0'],
      settings: { 'net.ipv4.conf.cali0.proxy_arp': '1' },
    }
    const pod: PlainPlace = {
      links: [{ name: 'eth0', addresses: ['10.0.0.2/32'], peer: 'host cali0' }],
      routes: ['default via 169.254.1.1 dev eth0'],
    }
    expect(await said({ host: routed, c2: pod })).toEqual([])
  })

  test('a gateway behind a wire that leaves our sight', async () => {
    expect(
      await said({
        host: host(port(2), { name: 'eth9', kind: 'device', master: 'br0' }),
        c2: { ...container(2), routes: ['default via 10.0.0.254 dev eth0'] },
      }),
    ).toEqual([])
  })

  test('a veth whose other end cannot be seen', async () => {
    expect(await said({ host: { links: [{ name: 'v2', addresses: ['10.1.0.1/24'] }] } })).toEqual([])
  })

  test('one address in two vlans of one bridge', async () => {
    const vlans = [2, 3].map((index) => ({
      index,
      name: `v${index}`,
      ranges: [{ first: index * 10, last: index * 10, pvid: true, untagged: true }],
    }))
    const filtering: PlainPlace = {
      links: [{ name: 'br0', kind: 'bridge', info: { bridge: { vlanFiltering: 1 } } }, port(2), port(3)],
      vlans,
    }
    const alike = (number: number): PlainPlace => ({
      links: [{ name: 'eth0', mac: '02:00:00:00:01:09', addresses: ['10.0.0.9/24'], peer: `host v${number}` }],
    })
    expect(await said({ host: filtering, c2: alike(2), c3: alike(3) })).toEqual([])
  })
})

describe('one fault, one finding', () => {
  test('an interface that is off has no further consequences', async () => {
    const places = { host: host(port(2), port(3)), c2: container(2, { up: false }), c3: container(3) }
    expect(await said(places)).toEqual(['error interface-down c2'])
  })

  test('a bridge that is off', async () => {
    const places = { host: { ...host(port(2)), links: [{ ...bridge, up: false }, port(2)] }, c2: container(2) }
    expect(await said(places)).toEqual(['error interface-down host'])
  })

  test('a loose cable', async () => {
    const { master: _, ...loose } = port(2)
    expect(await said({ host: host(loose, port(3)), c2: container(2), c3: container(3) })).toEqual([
      'error bridge-port-missing host',
    ])
  })

  test('an end that is gone', async () => {
    expect(await said({ host: host(port(2, { peer: 'gone' })) })).toEqual(['error link-peer-missing host'])
  })

  test('one address twice, one MAC twice', async () => {
    const twin = container(3, { addresses: ['10.0.0.3/24', '10.0.0.2/24'] })
    expect(await said({ host: host(port(2), port(3)), c2: container(2), c3: twin })).toEqual([
      'error address-duplicate c3',
    ])
    const clone = container(3, { mac: '02:00:00:00:01:02' })
    expect(await said({ host: host(port(2), port(3)), c2: container(2), c3: clone })).toEqual([
      'error mac-duplicate c3',
    ])
  })

  test('MTUs: the end that differs from its neighbours is the one to change', async () => {
    const places = { host: host(port(2, { mtu: 1400 }), port(3)), c2: container(2), c3: container(3) }
    expect(await said(places)).toEqual(['warning mtu-mismatch host'])
  })

  test('a gateway that nobody is', async () => {
    const places = { host: host(port(2)), c2: { ...container(2), routes: ['default via 10.0.0.77 dev eth0'] } }
    expect(await said(places)).toEqual(['error gateway-unreachable c2'])
  })

  test('a router that does not forward, when it has somewhere to forward to', async () => {
    const idle = { ...host(port(2)), settings: { 'net.ipv4.conf.br0.forwarding': '0' } }
    expect(await said({ host: idle, c2: container(2) })).toEqual([])
    const led = { ...idle, links: [...idle.links, { name: 'up0', kind: 'device', addresses: ['192.0.2.1/24'] }] }
    expect(await said({ host: led, c2: container(2) })).toEqual(['error forwarding-disabled host'])
  })

  test('a wrong permanent neighbour', async () => {
    const entry = { destination: '10.0.0.3', lladdr: '02:00:00:00:01:09' }
    const places = { host: host(port(2), port(3)), c2: { ...container(2), neighbours: [entry] }, c3: container(3) }
    expect(await said(places)).toEqual(['error neighbour-wrong c2'])
  })

  test('a table of connections that is full, and one that is nearly', async () => {
    const table = (count: number): PlainPlace => ({
      links: [],
      settings: { 'net.netfilter.nf_conntrack_count': String(count), 'net.netfilter.nf_conntrack_max': '100' },
    })
    expect(await said({ host: table(100) })).toEqual(['error conntrack-full host'])
    expect(await said({ host: table(92) })).toEqual(['warning conntrack-full host'])
    expect(await said({ host: table(80) })).toEqual([])
  })

  test('bookings of nobody', async () => {
    const lease = (address: string, holder: string) => ({
      runtime: 'cni',
      network: 'pods',
      address,
      holder,
      file: `/x/${address}`,
    })
    const intent = { ...NO_INTENT, leases: [lease('10.0.0.2', 'abc'), lease('10.0.0.50', 'def')] }
    expect(await said({ host: host(port(2)), c2: container(2) }, { intent })).toEqual(['warning lease-stale pods'])
  })

  test('only what was asked for is reported', async () => {
    const places = { host: host(port(2, { mtu: 1400 }), port(3)), c2: container(2), c3: container(3, { up: false }) }
    expect(await said(places, { only: ['mtu-mismatch'] })).toEqual(['warning mtu-mismatch host'])
  })
})

test('load balancers: nobody behind one, and somebody who is gone', () => {
  const scene = plainScene({ c2: container(2), host: host(port(2), port(3)), c3: container(3) })
  const examination = prepare(scene, {})
  const place = scene.places()[0]!
  const key = { protocol: 'tcp', address: '10.9.9.9', port: 80 } as const
  const judge = (...ends: [string, number][]) =>
    judgeService(
      place,
      { key, destinations: ends.map(([address, weight]) => ({ address, port: 80, weight })) },
      examination,
    ).map(({ finding }) => finding.code)
  expect(judge()).toEqual(['backend-missing'])
  expect(judge(['10.0.0.3', 0])).toEqual(['backend-missing'])
  expect(judge(['10.0.0.3', 1])).toEqual([])
  expect(judge(['10.0.0.3', 1], ['10.0.0.44', 1])).toEqual(['backend-stale'])
})
