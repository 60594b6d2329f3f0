/** Rules of the kernel that a test machine may lack the modules for, over plain scenes. */
import { describe, expect, test } from 'vitest'
import { type PlainLink, type PlainPlace, plainScene } from '../../../test/diagnose/worlds/plain-scene.ts'
import type { InetSocket } from '../../kernel/index.ts'
import type { Flow } from './flow.ts'
import { predict } from './predict.ts'

const MAC = { a: '02:aa:00:00:00:01', b: '02:bb:00:00:00:01' } as const
type Places = Record<string, PlainPlace>

function ask(places: Places, flow: Partial<Omit<Flow, 'from' | 'to'>> & { from?: string; to?: string } = {}) {
  const scene = plainScene(places)
  const { from = 'a', to = 'b', ...rest } = flow
  const destination = rest.destination ?? '10.0.0.2'
  return predict(scene, {
    protocol: 'icmp',
    source: undefined,
    destination,
    port: undefined,
    sourcePort: 4711,
    size: 56,
    family: destination.includes(':') ? 'ipv6' : 'ipv4',
    ...rest,
    from: scene.place(from),
    to: scene.place(to),
  })
}

const said = (places: Places, flow?: Parameters<typeof ask>[1]) => {
  const { verdict, cause } = ask(places, flow)
  return cause === null ? verdict : `${verdict} ${cause.code} ${cause.where.namespace}/${cause.where.interface}`
}

const veth = (name: string, peer: string, rest: Partial<PlainLink> = {}): PlainLink => ({
  name,
  kind: 'veth',
  peer,
  ...rest,
})
const member = (name: 'a' | 'b', rest: Partial<PlainLink> = {}): PlainPlace => ({
  links: [
    veth('eth0', `sw/p${name}`, { mac: MAC[name], addresses: [name === 'a' ? '10.0.0.1/24' : '10.0.0.2/24'], ...rest }),
  ],
})

function switched(
  bridge: Partial<PlainLink>,
  a: Partial<PlainLink>,
  b: Partial<PlainLink>,
  rest: Partial<PlainPlace> = {},
): Places {
  return {
    a: member('a'),
    b: member('b'),
    sw: {
      links: [
        { name: 'br0', kind: 'bridge', info: {}, mac: '02:cc:00:00:00:01', ...bridge },
        veth('pa', 'a/eth0', { bridge: 'br0', ...a }),
        veth('pb', 'b/eth0', { bridge: 'br0', ...b }),
      ],
      ...rest,
    },
  }
}

const access = (vlan: number) => ({ vlans: [{ first: vlan, last: vlan, pvid: true, untagged: true }] })

describe('vlan filtering', () => {
  const filtering = { info: { vlanFiltering: 1 } }

  test('ports of one vlan reach each other', () => {
    expect(said(switched(filtering, access(5), access(5)))).toBe('delivered')
  })

  test('ports of different vlans do not', () => {
    expect(said(switched(filtering, access(5), access(6)))).toBe('dropped bridge-port-blocked sw/pb')
  })

  test('a port without a vlan for untagged frames takes none', () => {
    expect(said(switched(filtering, { vlans: [{ first: 5, last: 5, pvid: false, untagged: true }] }, access(5)))).toBe(
      'dropped bridge-port-blocked sw/pa',
    )
  })

  test('the fix names the vlan', () => {
    const { fix } = ask(switched(filtering, access(5), access(6)))
    expect(fix?.commands).toEqual(['ip netns exec sw bridge vlan add dev pb vid 5 pvid untagged'])
  })

  test('vlans mean nothing to a bridge that does not filter', () => {
    expect(said(switched({ info: { vlanFiltering: 0 } }, access(5), access(6)))).toBe('delivered')
  })

  test('a tagged port hands the tag to a vlan interface', () => {
    const places = switched(filtering, access(5), { vlans: [{ first: 5, last: 5, pvid: false, untagged: false }] })
    const tagged: PlainPlace = {
      links: [
        veth('eth0', 'sw/pb', { mac: MAC.b }),
        { name: 'eth0.5', kind: 'vlan', info: { id: 5 }, lower: 'b/eth0', mac: MAC.b, addresses: ['10.0.0.2/24'] },
      ],
    }
    expect(said({ ...places, b: tagged })).toBe('delivered')
    expect(said({ ...places, b: member('b') })).toMatch(/^dropped bridge-port-blocked/)
  })
})

describe('forwarding tables of bridges', () => {
  test('a permanent entry is the bridge’s own, so that frames go up to it', () => {
    const forwarding = [{ on: 'pb', bridge: 'br0', lladdr: MAC.b, state: 0x80 }]
    expect(said(switched({}, {}, {}, { forwarding }))).not.toBe('delivered')
  })

  test('a static entry for the right port is followed', () => {
    expect(said(switched({}, {}, {}, { forwarding: [{ on: 'pb', bridge: 'br0', lladdr: MAC.b, state: 0x40 }] }))).toBe(
      'delivered',
    )
  })

  test('answers teach the bridge before the packet comes: flooding of unknown addresses is not needed', () => {
    expect(said(switched({}, { port: { unicastFlood: 0 } }, { port: { unicastFlood: 0 } }))).toBe('delivered')
  })

  test('without learning it is', () => {
    const closed = { port: { unicastFlood: 0, learning: 0 } }
    expect(said(switched({}, closed, closed))).toMatch(/^dropped bridge-port-blocked/)
  })
})

describe('neighbours', () => {
  const answering = (settings: Record<string, string>): Places => ({
    ...switched({}, {}, {}),
    b: { ...member('b'), settings },
  })

  test.each([
    ['0', 'delivered'],
    ['1', 'delivered'],
    ['8', 'dropped neighbour-failed b/eth0'],
  ])('arp_ignore %s', (level, expected) => {
    expect(said(answering({ 'net.ipv4.conf.all.arp_ignore': level }))).toBe(expected)
  })

  test('an entry that is reachable is used as it is', () => {
    const neighbours = [{ on: 'eth0', destination: '10.0.0.2', lladdr: '02:00:00:00:00:99', state: 0x02 }]
    expect(said({ ...switched({}, {}, {}), a: { ...member('a'), neighbours } })).toBe('dropped neighbour-wrong a/eth0')
  })

  test('one that failed is asked for anew', () => {
    const neighbours = [{ on: 'eth0', destination: '10.0.0.2', state: 0x20 }]
    expect(said({ ...switched({}, {}, {}), a: { ...member('a'), neighbours } })).toBe('delivered')
  })
})

describe('macvlan', () => {
  const over = (mode: string): Places => {
    const upper = (name: 'a' | 'b'): PlainPlace => ({
      links: [
        {
          name: 'eth0',
          kind: 'macvlan',
          info: { mode },
          lower: 'host/nic',
          mac: MAC[name],
          addresses: [name === 'a' ? '10.0.0.1/24' : '10.0.0.2/24'],
        },
      ],
    })
    return {
      a: upper('a'),
      b: upper('b'),
      host: { links: [{ name: 'nic', mac: '02:cc:00:00:00:09', addresses: ['10.0.0.9/24'] }] },
    }
  }

  test('siblings in mode bridge reach each other', () => {
    expect(said(over('bridge'))).toBe('delivered')
  })

  test('those in mode private only ask the wire, where nothing can be seen', () => {
    expect(ask(over('private')).leaves).toMatchObject({ namespace: 'host', interface: 'nic' })
  })
})

describe('what leaves the host', () => {
  test('is told, and not guessed', () => {
    const a: PlainPlace = { links: [{ name: 'nic', addresses: ['192.0.2.1/24'] }], routes: ['default via 192.0.2.254'] }
    const { verdict, cause, leaves } = ask({ a, b: member('b') }, { destination: '198.51.100.7' })
    expect({ verdict, cause, leaves }).toEqual({
      verdict: 'delivered',
      cause: null,
      leaves: { namespace: 'a', interface: 'nic', nextHop: '192.0.2.254' },
    })
  })
})

describe('reverse path filter', () => {
  // a - r - b, and a second wire between r and a that the way back takes.
  const triangle = (settings: Record<string, string>): Places => ({
    a: {
      links: [
        veth('e1', 'r/w1', { addresses: ['10.1.1.2/24'], mac: MAC.a }),
        veth('e2', 'r/w2', { addresses: ['10.1.2.2/24'] }),
      ],
      routes: ['10.0.0.0/24 via 10.1.2.1'],
    },
    r: {
      links: [
        veth('w1', 'a/e1', { addresses: ['10.1.1.1/24'] }),
        veth('w2', 'a/e2', { addresses: ['10.1.2.1/24'] }),
        veth('out', 'b/eth0', { addresses: ['10.0.0.254/24'] }),
      ],
      settings: {
        'net.ipv4.ip_forward': '1',
        'net.ipv4.conf.w1.forwarding': '1',
        'net.ipv4.conf.w2.forwarding': '1',
        'net.ipv4.conf.out.forwarding': '1',
        ...settings,
      },
    },
    b: {
      links: [veth('eth0', 'r/out', { addresses: ['10.0.0.2/24'], mac: MAC.b })],
      routes: ['default via 10.0.0.254'],
    },
  })
  const fromFirst = { source: '10.1.1.2' }

  test.each([
    ['off', {}, 'delivered'],
    ['strict', { 'net.ipv4.conf.w2.rp_filter': '1' }, 'dropped reverse-path-filter r/w2'],
    ['strict for all', { 'net.ipv4.conf.all.rp_filter': '1' }, 'dropped reverse-path-filter r/w2'],
    ['loose', { 'net.ipv4.conf.all.rp_filter': '1', 'net.ipv4.conf.w2.rp_filter': '2' }, 'delivered'],
  ])('%s', (_, settings, expected) => {
    expect(said(triangle(settings), fromFirst)).toBe(expected)
  })
})

describe('listeners', () => {
  const socket = (part: Partial<InetSocket>): InetSocket =>
    ({
      family: 'ipv4',
      protocol: 'tcp',
      state: 'LISTEN',
      interface: 0,
      remote: { address: '0.0.0.0', port: 0 },
      ...part,
    }) as InetSocket
  const listening = (part: Partial<InetSocket>): Places => ({
    ...switched({}, {}, {}),
    b: { ...member('b'), sockets: [socket(part)] },
  })
  const tcp = { protocol: 'tcp', port: 80 } as const

  test.each([
    ['on any address', { local: { address: '0.0.0.0', port: 80 } }, 'delivered'],
    ['on this address', { local: { address: '10.0.0.2', port: 80 } }, 'delivered'],
    ['on IPv6, for both', { family: 'ipv6' as const, v6only: false, local: { address: '::', port: 80 } }, 'delivered'],
    [
      'on IPv6 alone',
      { family: 'ipv6' as const, v6only: true, local: { address: '::', port: 80 } },
      'refused port-closed b/eth0',
    ],
    ['on another port', { local: { address: '0.0.0.0', port: 81 } }, 'refused port-closed b/eth0'],
    ['on another interface', { interface: 9, local: { address: '0.0.0.0', port: 80 } }, 'refused port-closed b/eth0'],
    ['on the loopback', { local: { address: '127.0.0.1', port: 80 } }, 'refused listener-on-loopback b/eth0'],
  ])('%s', (_, part, expected) => {
    expect(said(listening(part), tcp)).toBe(expected)
  })
})
