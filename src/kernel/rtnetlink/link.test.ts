import { describe, expect, test } from 'vitest'
import { annotatedBytes, decoded, encoded } from '../netlink/annotated-bytes.ts'
import { littleEndian } from '../netlink/byte-order.ts'
import { deleteLinkRequest, linkKind, linkSummaryKind, linkUpRequest, newLinkRequest, setLinkRequest } from './link.ts'

describe.runIf(littleEndian)('link messages as Linux 6.18 sends them', () => {
  const vethPort = annotatedBytes(`
    00 00 01 00             # AF_UNSPEC, ARPHRD_ETHER
    0b 00 00 00             # index 11
    02 10 00 00 00 00 00 00 # IFF_BROADCAST | IFF_MULTICAST, no change mask
    0a 00 01 00 02 00 00 00 00 0b 00 00 # IFLA_ADDRESS
    07 00 03 00 76 30 00 00 # IFLA_IFNAME "v0"
    08 00 04 00 dc 05 00 00 # IFLA_MTU 1500
    08 00 05 00 4d 00 00 00 # IFLA_LINK 77
    08 00 0a 00 0a 00 00 00 # IFLA_MASTER 10
    05 00 10 00 02 00 00 00 # IFLA_OPERSTATE IF_OPER_DOWN
    05 00 21 00 00 00 00 00 # IFLA_CARRIER 0
    08 00 25 00 00 00 00 00 # IFLA_LINK_NETNSID 0
    68 00 12 00             # IFLA_LINKINFO
      09 00 01 00 76 65 74 68 00 00 00 00 # IFLA_INFO_KIND "veth"
      0b 00 04 00 62 72 69 64 67 65 00 00 # IFLA_INFO_SLAVE_KIND "bridge"
      4c 00 05 00           # IFLA_INFO_SLAVE_DATA
        05 00 01 00 03 00 00 00 # IFLA_BRPORT_STATE forwarding
        06 00 02 00 20 00 00 00 # IFLA_BRPORT_PRIORITY 32
        08 00 03 00 02 00 00 00 # IFLA_BRPORT_COST 2
        05 00 08 00 01 00 00 00 # IFLA_BRPORT_LEARNING
        0c 00 0e 00 80 00 02 00 00 00 00 0a # IFLA_BRPORT_BRIDGE_ID
        05 00 13 00 00 00 00 00 # IFLA_BRPORT_TOPOLOGY_CHANGE_ACK
        0c 00 15 00 64 00 00 00 00 00 00 00 # IFLA_BRPORT_MESSAGE_AGE_TIMER 100
        05 00 21 00 01 00 00 00 # IFLA_BRPORT_ISOLATED`)
  const vethPortValue = {
    family: 0,
    type: 1,
    index: 11,
    flags: 0x1002,
    change: 0,
    address: '02:00:00:00:00:0b',
    name: 'v0',
    mtu: 1500,
    link: 77,
    master: 10,
    operstate: 'down' as const,
    carrier: 0,
    linkNetnsid: 0,
    info: {
      kind: 'veth',
      slaveKind: 'bridge',
      bridgePort: {
        state: 'forwarding' as const,
        priority: 32,
        cost: 2,
        learning: 1,
        bridgeId: { priority: 0x8000, address: '02:00:00:00:00:0a' },
        topologyChangeAck: 0,
        messageAgeTimer: 100n,
        isolated: 1,
      },
    },
  }

  test('a veth end that is a bridge port, its other end in another namespace', () => {
    expect(decoded(linkKind, vethPort)).toEqual(vethPortValue)
    expect(encoded(linkKind, vethPortValue)).toEqual(vethPort)
  })

  test('the summary has what it looks at and skips the rest', () => {
    expect(decoded(linkSummaryKind, vethPort)).toEqual(vethPortValue)
    const withQueue = Buffer.concat([vethPort, annotatedBytes('08 00 0d 00 e8 03 00 00 # IFLA_TXQLEN 1000')])
    expect(decoded(linkSummaryKind, withQueue)).toEqual(vethPortValue)
    expect(decoded(linkKind, withQueue)).toEqual({ ...vethPortValue, txQueueLength: 1000 })
  })

  test('a bridge', () => {
    const bytes = annotatedBytes(`
      00 00 01 00 0a 00 00 00 03 10 00 00 00 00 00 00 # index 10, up
      08 00 03 00 62 72 30 00 # IFLA_IFNAME "br0"
      6c 00 12 00             # IFLA_LINKINFO
        0b 00 01 00 62 72 69 64 67 65 00 00 # IFLA_INFO_KIND "bridge"
        5c 00 02 00           # IFLA_INFO_DATA
          08 00 01 00 dc 05 00 00 # IFLA_BR_FORWARD_DELAY 15 s
          08 00 05 00 00 00 00 00 # IFLA_BR_STP_STATE off
          06 00 06 00 00 80 00 00 # IFLA_BR_PRIORITY 0x8000, host order
          05 00 07 00 01 00 00 00 # IFLA_BR_VLAN_FILTERING
          06 00 08 00 81 00 00 00 # IFLA_BR_VLAN_PROTOCOL 0x8100, network order
          0c 00 0b 00 80 00 02 00 00 00 00 0a # IFLA_BR_BRIDGE_ID: priority in network order
          0c 00 10 00 64 00 00 00 00 00 00 00 # IFLA_BR_HELLO_TIMER 1 s
          0a 00 14 00 01 80 c2 00 00 00 00 00 # IFLA_BR_GROUP_ADDR
          0c 00 2e 00 00 00 00 00 1f 00 00 00 # IFLA_BR_MULTI_BOOLOPT: none of five set`)
    const value = {
      family: 0,
      type: 1,
      index: 10,
      flags: 0x1003,
      change: 0,
      name: 'br0',
      info: {
        kind: 'bridge',
        bridge: {
          forwardDelay: 1500,
          stpState: 0,
          priority: 0x8000,
          vlanFiltering: 1,
          vlanProtocol: 0x8100,
          bridgeId: { priority: 0x8000, address: '02:00:00:00:00:0a' },
          helloTimer: 100n,
          groupAddress: '01:80:c2:00:00:00',
          multiBoolOptions: { value: 0, mask: 31 },
        },
      },
    }
    expect(decoded(linkKind, bytes)).toEqual(value)
    expect(encoded(linkKind, value)).toEqual(bytes)
  })

  test('a vxlan: ports and group in network order, VNI in host order', () => {
    const bytes = annotatedBytes(`
      00 00 01 00 0c 00 00 00 02 10 00 00 00 00 00 00 # index 12
      08 00 03 00 76 78 30 00 # IFLA_IFNAME "vx0"
      64 00 12 00             # IFLA_LINKINFO
        0a 00 01 00 76 78 6c 61 6e 00 00 00 # IFLA_INFO_KIND "vxlan"
        54 00 02 00           # IFLA_INFO_DATA
          08 00 01 00 01 10 00 00 # IFLA_VXLAN_ID 4097
          08 00 02 00 ef 01 02 03 # IFLA_VXLAN_GROUP 239.1.2.3
          08 00 03 00 0a 00 00 00 # IFLA_VXLAN_LINK 10
          08 00 04 00 c0 00 02 01 # IFLA_VXLAN_LOCAL 192.0.2.1
          05 00 05 00 10 00 00 00 # IFLA_VXLAN_TTL 16
          05 00 07 00 01 00 00 00 # IFLA_VXLAN_LEARNING
          08 00 08 00 2c 01 00 00 # IFLA_VXLAN_AGEING 300
          08 00 0a 00 80 00 f0 00 # IFLA_VXLAN_PORT_RANGE 32768 to 61440
          06 00 0f 00 12 b5 00 00 # IFLA_VXLAN_PORT 4789
          08 00 1a 00 00 00 00 07 # IFLA_VXLAN_LABEL 7`)
    const value = {
      family: 0,
      type: 1,
      index: 12,
      flags: 0x1002,
      change: 0,
      name: 'vx0',
      info: {
        kind: 'vxlan',
        vxlan: {
          id: 4097,
          group: '239.1.2.3',
          link: 10,
          local: '192.0.2.1',
          ttl: 16,
          learning: 1,
          ageing: 300,
          portRange: { low: 32768, high: 61440 },
          port: 4789,
          flowLabel: 7,
        },
      },
    }
    expect(decoded(linkKind, bytes)).toEqual(value)
    expect(encoded(linkKind, value)).toEqual(bytes)
  })

  test('a request for a pair tells the peer within the kind', () => {
    const { kind, body } = newLinkRequest({
      name: 'a',
      info: { kind: 'veth', veth: { peer: { name: 'b', netNsFd: 9 } } },
    })
    expect(encoded(kind, body)).toEqual(
      annotatedBytes(`
        00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        06 00 03 00 61 00 00 00 # IFLA_IFNAME "a"
        38 00 12 00             # IFLA_LINKINFO
          09 00 01 00 76 65 74 68 00 00 00 00 # IFLA_INFO_KIND "veth"
          28 00 02 00           # IFLA_INFO_DATA
            24 00 01 00         # VETH_INFO_PEER
              00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 # struct ifinfomsg
              06 00 03 00 62 00 00 00 # IFLA_IFNAME "b"
              08 00 1c 00 09 00 00 00 # IFLA_NET_NS_FD 9`),
    )
  })

  test('alternative names are a marked list', () => {
    const bytes = annotatedBytes(`
      00 00 01 00 03 00 00 00 00 00 00 00 00 00 00 00
      14 00 34 80             # IFLA_PROP_LIST | NLA_F_NESTED
        06 00 35 00 61 00 00 00 # IFLA_ALT_IFNAME "a"
        07 00 35 00 62 62 00 00 # IFLA_ALT_IFNAME "bb"`)
    expect(decoded(linkKind, bytes)?.propList).toEqual({ altNames: ['a', 'bb'] })
    expect(encoded(linkKind, { type: 1, index: 3, propList: { altNames: ['a', 'bb'] } })).toEqual(bytes)
  })
})

test('counters come as many as the kernel has', () => {
  const short = Buffer.alloc(16 + 4 + 23 * 8)
  short.writeUInt16LE(4 + 23 * 8, 16)
  short.writeUInt16LE(23, 18)
  short.writeBigUInt64LE(5n, 20)
  short.writeBigUInt64LE(7n, 20 + 22 * 8)
  if (!littleEndian) return
  const { statistics } = decoded(linkKind, short) ?? {}
  expect(statistics).toMatchObject({ rxPackets: 5n, txCompressed: 7n })
  expect(statistics).not.toHaveProperty('rxNoHandler')
  expect(encoded(linkKind, { statistics: statistics! })).toEqual(short)
})

test('long names refer to links by IFLA_ALT_IFNAME', () => {
  expect(setLinkRequest({ name: 'eth0' }, { mtu: 1400 }).body).toEqual({ name: 'eth0', mtu: 1400 })
  expect(deleteLinkRequest({ name: 'a-name-of-sixteen' }).body).toEqual({ altName: 'a-name-of-sixteen' })
})

test('a link is renamed by its index, brought up by the bit that changes, deleted by group', () => {
  expect(setLinkRequest({ index: 4 }, { name: 'eth1' }).body).toEqual({ index: 4, name: 'eth1' })
  expect(linkUpRequest({ index: 4 }).body).toEqual({ index: 4, flags: 1, change: 1 })
  expect(linkUpRequest({ index: 4 }, false).body).toEqual({ index: 4, flags: 0, change: 1 })
  expect(deleteLinkRequest({ group: 7 }).body).toEqual({ group: 7 })
})
