import assert from 'node:assert/strict'
import test from 'node:test'
import { NetlinkProtocol } from '../../src/kernel/netlink/channel.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/socket.ts'
import { addLink, getLink, type Link, setLink } from '../../src/kernel/rtnetlink/index.ts'
import { GuestNamespace } from './guest-namespace.ts'

interface Case {
  readonly kind: string
  /** What to make; `parent` is the index of a dummy interface. */
  readonly make: (parent: number) => Partial<Link>
  /** What `ip` says of it under `linkinfo.info_data`, or of part of it. */
  readonly shown: Record<string, unknown>
  /** What of it we read under the property of its kind. */
  readonly read: Record<string, unknown>
}

const cases: readonly Case[] = [
  {
    kind: 'macvlan',
    make: (link) => ({ link, info: { kind: 'macvlan', macvlan: { mode: 'bridge' } } }),
    shown: { mode: 'bridge' },
    read: { mode: 'bridge' },
  },
  {
    kind: 'ipvlan',
    make: (link) => ({ link, info: { kind: 'ipvlan', ipvlan: { mode: 'l3' } } }),
    shown: { mode: 'l3' },
    read: { mode: 'l3', flags: 0 },
  },
  {
    kind: 'vlan',
    make: (link) => ({ link, info: { kind: 'vlan', vlan: { id: 100, protocol: 0x88a8 } } }),
    shown: { protocol: '802.1ad', id: 100 },
    read: { protocol: 0x88a8, id: 100 },
  },
  {
    kind: 'vrf',
    make: () => ({ info: { kind: 'vrf', vrf: { table: 10 } } }),
    shown: { table: 10 },
    read: { table: 10 },
  },
  {
    kind: 'bond',
    make: () => ({ info: { kind: 'bond', bond: { mode: '802.3ad', hashPolicy: 'layer3+4', lacpRate: 'fast' } } }),
    shown: { mode: '802.3ad', xmit_hash_policy: 'layer3+4', ad_lacp_rate: 'fast' },
    read: { mode: '802.3ad', hashPolicy: 'layer3+4', lacpRate: 'fast' },
  },
  {
    kind: 'gre',
    make: () => ({
      info: {
        kind: 'gre',
        gre: {
          local: '192.0.2.1',
          remote: '192.0.2.2',
          ttl: 64,
          inputKey: 7,
          outputKey: 7,
          inputFlags: 0x2000,
          outputFlags: 0x2000,
        },
      },
    }),
    shown: { local: '192.0.2.1', remote: '192.0.2.2', ttl: 64, ikey: '0.0.0.7' },
    read: { local: '192.0.2.1', remote: '192.0.2.2', ttl: 64, inputKey: 7 },
  },
]

/** Of `actual` what `expected` speaks of. */
function only(actual: Record<string, unknown> | undefined, expected: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.keys(expected).map((key) => [key, actual?.[key]]))
}

for (const { kind, make, shown, read } of cases) {
  test(`a ${kind} link is made, is as ip shows it, and is read back`, () => {
    using guest = new GuestNamespace('nwt-links')
    const route = NetlinkSocket.open(NetlinkProtocol.route, guest.namespace)
    addLink(route, { name: 'parent0', info: { kind: 'dummy' } })
    const parent = getLink(route, { name: 'parent0' })
    assert.equal(parent.info?.kind, 'dummy')
    addLink(route, { name: 'made0', ...make(parent.index) })
    const [document] = guest.ip('link', 'show', 'made0')
    assert.equal(document.linkinfo.info_kind, kind)
    assert.deepEqual(only(document.linkinfo.info_data, shown), shown)
    const link = getLink(route, { name: 'made0' })
    assert.deepEqual(only((link.info as Record<string, Record<string, unknown>>)[kind], read), read)
    assert.equal(link.mtu, document.mtu)
    route.close()
  })
}

test('a port of a bond or a domain of routing tells its master and its state there', () => {
  using guest = new GuestNamespace('nwt-links')
  const route = NetlinkSocket.open(NetlinkProtocol.route, guest.namespace)
  addLink(route, { name: 'bond0', info: { kind: 'bond', bond: { mode: 'active-backup' } } })
  addLink(route, { name: 'vrf0', info: { kind: 'vrf', vrf: { table: 20 } } })
  for (const [port, master] of [
    ['port0', 'bond0'],
    ['port1', 'vrf0'],
  ] as const) {
    addLink(route, { name: port, info: { kind: 'dummy' } })
    setLink(route, { name: port }, { master: getLink(route, { name: master }).index })
    const link = getLink(route, { name: port })
    assert.equal(link.master, getLink(route, { name: master }).index)
    assert.equal(link.info?.slaveKind, guest.ip('link', 'show', port)[0].linkinfo.info_slave_kind)
  }
  assert.equal(getLink(route, { name: 'port1' }).info?.vrfPort?.table, 20)
  route.close()
})
