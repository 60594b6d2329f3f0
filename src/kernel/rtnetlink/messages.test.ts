/** Addresses, routes, neighbours and the smaller objects as bytes, both ways. */
import { describe, expect, test } from 'vitest'
import { annotatedBytes, decoded, encoded } from '../netlink/annotated-bytes.ts'
import { littleEndian } from '../netlink/byte-order.ts'
import type { MessageKind } from '../netlink/message.ts'
import { addressKind, newAddressRequest, ownAddress } from './address.ts'
import { bridgeLinkKind, newVlanRequest, vlanRanges } from './bridge-vlan.ts'
import { assignNsidRequest, namespaceIdKind } from './namespace-id.ts'
import { neighbourKind, newForwardingRequest, newNeighbourRequest } from './neighbour.ts'
import { nexthopKind } from './nexthop.ts'
import { qdiscKind } from './qdisc.ts'
import { deleteRouteRequest, newRouteRequest } from './route.ts'
import { routeKind } from './route-kind.ts'
import { ruleKind } from './rule.ts'
import { portVlanKind } from './vlan-entry.ts'

function bothWays<T>(kind: MessageKind<T>, text: string, value: T): void {
  const bytes = annotatedBytes(text)
  expect(decoded(kind, bytes)).toEqual(value)
  expect(encoded(kind, value)).toEqual(bytes)
}

describe.runIf(littleEndian)('bytes as Linux 6.18 sends them', () => {
  test('an IPv4 address', () => {
    bothWays(
      addressKind,
      `02 18 80 00 0a 00 00 00 # AF_INET, /24, permanent, universe, index 10
       08 00 01 00 0a 01 02 03 # IFA_ADDRESS
       08 00 02 00 0a 01 02 03 # IFA_LOCAL
       08 00 03 00 62 72 30 00 # IFA_LABEL "br0"
       08 00 04 00 0a 01 02 ff # IFA_BROADCAST
       14 00 06 00 ff ff ff ff 2c 01 00 00 c4 4f 04 00 c5 4f 04 00 # IFA_CACHEINFO
       08 00 08 00 80 02 00 00 # IFA_FLAGS: permanent, no prefix route`,
      {
        family: 2,
        prefixLength: 24,
        flags: 0x80,
        scope: 0,
        index: 10,
        address: '10.1.2.3',
        local: '10.1.2.3',
        label: 'br0',
        broadcast: '10.1.2.255',
        cacheInfo: { preferred: 0xffffffff, valid: 300, created: 0x44fc4, updated: 0x44fc5 },
        allFlags: 0x280,
      },
    )
  })

  test('a route with two next hops of different weight', () => {
    bothWays(
      routeKind,
      `02 10 00 00 fe 04 00 01 10 00 00 00 # AF_INET, /16, main, static, unicast, RTNH_F_LINKDOWN
       08 00 01 00 0a 09 00 00             # RTA_DST
       08 00 06 00 07 00 00 00             # RTA_PRIORITY 7
       0c 00 08 00                         # RTA_METRICS
         08 00 02 00 78 05 00 00           # RTAX_MTU 1400
       24 00 09 00                         # RTA_MULTIPATH
         10 00 10 01 0a 00 00 00           # struct rtnexthop: 16 bytes, weight 2, index 10
           08 00 05 00 0a 01 02 09         # RTA_GATEWAY
         10 00 00 00 0b 00 00 00           # weight 1, index 11
           08 00 05 00 0a 01 02 0a         # RTA_GATEWAY
       08 00 0f 00 e8 03 00 00             # RTA_TABLE 1000`,
      {
        family: 2,
        destinationLength: 16,
        sourceLength: 0,
        tos: 0,
        table: 254,
        protocol: 4,
        scope: 0,
        type: 1,
        flags: 16,
        destination: '10.9.0.0',
        priority: 7,
        metrics: { mtu: 1400 },
        nextHops: [
          { flags: 16, hops: 1, index: 10, gateway: '10.1.2.9' },
          { flags: 0, hops: 0, index: 11, gateway: '10.1.2.10' },
        ],
        tableId: 1000,
      },
    )
  })

  test('an IPv4 route through an IPv6 gateway', () => {
    bothWays(
      routeKind,
      `02 00 00 00 fe 04 00 01 00 00 00 00
       16 00 12 00 0a 00 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 # RTA_VIA fe80::1`,
      {
        family: 2,
        destinationLength: 0,
        sourceLength: 0,
        tos: 0,
        table: 254,
        protocol: 4,
        scope: 0,
        type: 1,
        flags: 0,
        via: { family: 10, address: 'fe80::1' },
      },
    )
  })

  test('a vxlan forwarding entry: port in network order', () => {
    bothWays(
      neighbourKind,
      `07 00 00 00 0c 00 00 00 80 00 02 01 # AF_BRIDGE, index 12, permanent, self
       08 00 01 00 c0 00 02 07             # NDA_DST
       0a 00 02 00 02 00 00 00 00 01 00 00 # NDA_LLADDR
       14 00 03 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 # NDA_CACHEINFO
       06 00 06 00 21 18 00 00             # NDA_PORT 8472
       08 00 07 00 05 00 00 00             # NDA_VNI 5
       08 00 08 00 0a 00 00 00             # NDA_IFINDEX 10
       08 00 0a 00 00 00 00 00             # NDA_LINK_NETNSID 0`,
      {
        family: 7,
        index: 12,
        state: 0x80,
        flags: 2,
        type: 1,
        destination: '192.0.2.7',
        lladdr: '02:00:00:00:00:01',
        cacheInfo: { confirmed: 1, used: 2, updated: 3, references: 4 },
        port: 8472,
        vni: 5,
        via: 10,
        linkNetnsid: 0,
      },
    )
  })

  test('a namespace id as another namespace has it', () => {
    bothWays(
      namespaceIdKind,
      `00 00 00 00
       08 00 01 00 03 00 00 00 # NETNSA_NSID 3
       08 00 05 00 ff ff ff ff # NETNSA_CURRENT_NSID: none`,
      { family: 0, nsid: 3, currentNsid: -1 },
    )
    expect(encoded(namespaceIdKind, assignNsidRequest({ fd: 7 }).body)).toEqual(
      annotatedBytes('00 00 00 00  08 00 01 00 ff ff ff ff  08 00 03 00 07 00 00 00'),
    )
  })

  test('a rule that looks at a mark', () => {
    bothWays(
      ruleKind,
      `02 00 18 00 64 00 00 01 00 00 00 00 # AF_INET, from /24, table 100, to table
       08 00 02 00 0a 01 02 00             # FRA_SRC
       08 00 06 00 e8 03 00 00             # FRA_PRIORITY 1000
       08 00 0a 00 2a 00 00 00             # FRA_FWMARK 42
       08 00 0e 00 ff ff ff ff             # FRA_SUPPRESS_PREFIXLEN: nothing
       08 00 0f 00 64 00 00 00             # FRA_TABLE 100
       0c 00 14 00 e8 03 00 00 e9 03 00 00 # FRA_UID_RANGE
       08 00 18 00 50 00 5a 00             # FRA_DPORT_RANGE 80 to 90, host order`,
      {
        family: 2,
        destinationLength: 0,
        sourceLength: 24,
        tos: 0,
        table: 100,
        action: 1,
        flags: 0,
        source: '10.1.2.0',
        priority: 1000,
        mark: 42,
        suppressPrefixLength: -1,
        tableId: 100,
        uidRange: { start: 1000, end: 1001 },
        destinationPorts: { start: 80, end: 90 },
      },
    )
  })

  test('a group of nexthops', () => {
    bothWays(
      nexthopKind,
      `00 00 04 00 00 00 00 00 # protocol static
       08 00 01 00 64 00 00 00 # NHA_ID 100
       14 00 02 00             # NHA_GROUP
         01 00 00 00 00 00 00 00
         02 00 00 00 09 01 00 00 # weight 1 + 9 + 256
       06 00 03 00 00 00 00 00 # NHA_GROUP_TYPE multipath`,
      {
        family: 0,
        scope: 0,
        protocol: 4,
        flags: 0,
        id: 100,
        group: [
          { id: 1, weightLow: 0, weightHigh: 0 },
          { id: 2, weightLow: 9, weightHigh: 1 },
        ],
        groupType: 0,
      },
    )
  })

  test('a bridge port with vlans', () => {
    bothWays(
      bridgeLinkKind,
      `07 00 01 00 0b 00 00 00 43 00 01 00 00 00 00 00
       08 00 0a 00 0a 00 00 00     # IFLA_MASTER
       0c 00 0c 80                 # IFLA_PROTINFO | NLA_F_NESTED
         05 00 01 00 04 00 00 00   # IFLA_BRPORT_STATE blocking
       1c 00 1a 00                 # IFLA_AF_SPEC
         08 00 02 00 06 00 01 00   # BRIDGE_VLAN_INFO: pvid and untagged, 1
         08 00 02 00 08 00 0a 00   # range begins at 10
         08 00 02 00 10 00 14 00   # range ends at 20`,
      {
        family: 7,
        type: 1,
        index: 11,
        flags: 0x10043,
        change: 0,
        master: 10,
        protinfo: { state: 'blocking' },
        afSpec: {
          vlans: [
            { flags: 6, vid: 1 },
            { flags: 8, vid: 10 },
            { flags: 16, vid: 20 },
          ],
        },
      },
    )
  })

  test('a vlan event', () => {
    bothWays(
      portVlanKind,
      `07 00 00 00 0b 00 00 00
       1c 00 01 80               # BRIDGE_VLANDB_ENTRY | NLA_F_NESTED
         08 00 01 00 00 00 0a 00 # BRIDGE_VLANDB_ENTRY_INFO 10
         06 00 02 00 14 00 00 00 # BRIDGE_VLANDB_ENTRY_RANGE to 20
         05 00 03 00 03 00 00 00 # BRIDGE_VLANDB_ENTRY_STATE forwarding`,
      { family: 7, index: 11, entries: [{ info: { flags: 0, vid: 10 }, last: 20, state: 'forwarding' }] },
    )
  })

  test('netem: a structure with attributes behind it', () => {
    bothWays(
      qdiscKind,
      `00 00 00 00 0b 00 00 00 00 00 01 00 ff ff ff ff 02 00 00 00 # index 11, handle 1:, root
       0a 00 01 00 6e 65 74 65 6d 00 00 00             # TCA_KIND "netem"
       28 00 02 00                                     # TCA_OPTIONS
         09 3d 00 00 e8 03 00 00 98 99 99 19 00 00 00 00 00 00 00 00 00 00 00 00 # 1 ms, 1000 packets, 10 %
         0c 00 0a 00 40 42 0f 00 00 00 00 00           # TCA_NETEM_LATENCY64 1000000 ns`,
      {
        family: 0,
        index: 11,
        handle: 0x10000,
        parent: 0xffffffff,
        info: 2,
        kind: 'netem',
        netem: { latency: 15625, limit: 1000, loss: 0x19999998, gap: 0, duplicate: 0, jitter: 0, latency64: 1000000n },
      },
    )
  })

  test('a discipline without a table keeps its options', () => {
    bothWays(
      qdiscKind,
      `00 00 00 00 0b 00 00 00 00 00 00 00 ff ff ff ff 00 00 00 00
       08 00 01 00 73 66 71 00 # TCA_KIND "sfq"
       08 00 02 00 01 02 03 04 # TCA_OPTIONS`,
      {
        family: 0,
        index: 11,
        handle: 0,
        parent: 0xffffffff,
        info: 0,
        kind: 'sfq',
        options: annotatedBytes('01 02 03 04'),
      },
    )
  })
})

test('an address request says ours and the peer, and takes its family from the text', () => {
  expect(newAddressRequest({ index: 3, prefix: '10.0.0.1/30', peer: '10.0.0.2' }).body).toMatchObject({
    family: 2,
    prefixLength: 30,
    local: '10.0.0.1',
    address: '10.0.0.2',
  })
  expect(newAddressRequest({ index: 3, prefix: 'fd00::1/64' }).body).toMatchObject({ family: 10, prefixLength: 64 })
  for (const prefix of ['10.0.0.1/33', '10.0.0/8', 'fd00::/129', '10.0.0.1/', 'eth0', '']) {
    expect(() => newAddressRequest({ index: 3, prefix })).toThrow(RangeError)
  }
})

test('the own address of a point-to-point link is the local one', () => {
  const header = { family: 2, prefixLength: 32, flags: 0, scope: 0, index: 1 }
  expect(ownAddress({ ...header, local: '10.0.0.1', address: '10.0.0.2' })).toBe('10.0.0.1')
  expect(ownAddress({ ...header, address: 'fd00::1' })).toBe('fd00::1')
})

test('a default route has no destination; a route to a link is of scope link', () => {
  expect(newRouteRequest({ prefix: '0.0.0.0/0', gateway: '10.0.0.1' }).body).toEqual({
    family: 2,
    destinationLength: 0,
    table: 254,
    protocol: 4,
    type: 1,
    scope: 0,
    gateway: '10.0.0.1',
  })
  expect(newRouteRequest({ prefix: '10.1.0.0/16', outputInterface: 4 }).body.scope).toBe(253)
  expect(deleteRouteRequest({ prefix: '10.1.0.0/16' }).body).toMatchObject({ scope: 255, destination: '10.1.0.0' })
})

test('neighbours take their family from the address, forwarding entries have their own', () => {
  expect(newNeighbourRequest({ index: 1, destination: 'fd00::2' }).body).toMatchObject({ family: 10, state: 0x80 })
  expect(newForwardingRequest({ index: 1, lladdr: '00:00:00:00:00:00', destination: '10.0.0.1' }).body).toMatchObject({
    family: 7,
    flags: 2,
  })
})

test('vlan entries that begin and end a range are joined', () => {
  const entries = [
    { flags: 6, vid: 1 },
    { flags: 8, vid: 10 },
    { flags: 16, vid: 20 },
    { flags: 4, vid: 30 },
    { flags: 16, vid: 40 },
  ]
  expect(vlanRanges(entries)).toEqual([
    { first: 1, last: 1, pvid: true, untagged: true },
    { first: 10, last: 20, pvid: false, untagged: false },
    { first: 30, last: 30, pvid: false, untagged: true },
    { first: 40, last: 40, pvid: false, untagged: false },
  ])
  expect(newVlanRequest({ index: 4, vid: 10, last: 20, untagged: true }).body.afSpec?.vlans).toEqual([
    { flags: 12, vid: 10 },
    { flags: 20, vid: 20 },
  ])
})
