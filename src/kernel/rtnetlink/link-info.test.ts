import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotatedBytes, decodedValue, encodedValue } from '../netlink/annotated-bytes.ts'
import { littleEndian } from '../netlink/byte-order.ts'
import { type LinkInfo, linkInfo } from './link-info.ts'
import { linkKinds } from './link-kinds/kinds.ts'

/** Kind and data as they stand in IFLA_LINKINFO, with the lengths that belong to them. */
function info(kind: string, data: string, types: { kind: number; data: number } = { kind: 1, data: 2 }): Buffer {
  return Buffer.concat([attribute(types.kind, Buffer.from(`${kind}\0`)), attribute(types.data, annotatedBytes(data))])
}

function attribute(type: number, value: Buffer): Buffer {
  const header = Buffer.alloc(4)
  header.writeUInt16LE(4 + value.length, 0)
  header.writeUInt16LE(type, 2)
  return Buffer.concat([header, value, Buffer.alloc(-value.length & 3)])
}

const kinds: { name: string; bytes: () => Buffer; value: LinkInfo }[] = [
  {
    name: 'vlan with priorities',
    bytes: () =>
      info(
        'vlan',
        `06 00 01 00 2a 00 00 00             # IFLA_VLAN_ID 42
         0c 00 02 00 01 00 00 00 ff ff ff ff # IFLA_VLAN_FLAGS: reorder headers
         1c 00 03 00                         # IFLA_VLAN_EGRESS_QOS
           0c 00 01 00 00 00 00 00 05 00 00 00 # 0 to 5
           0c 00 01 00 01 00 00 00 06 00 00 00 # 1 to 6
         10 00 04 00                         # IFLA_VLAN_INGRESS_QOS
           0c 00 01 00 03 00 00 00 02 00 00 00 # 3 to 2
         06 00 05 00 88 a8 00 00             # IFLA_VLAN_PROTOCOL 802.1ad, network order`,
      ),
    value: {
      kind: 'vlan',
      vlan: {
        id: 42,
        flags: { flags: 1, mask: 0xffffffff },
        egressPriorities: {
          mappings: [
            { from: 0, to: 5 },
            { from: 1, to: 6 },
          ],
        },
        ingressPriorities: { mappings: [{ from: 3, to: 2 }] },
        protocol: 0x88a8,
      },
    },
  },
  {
    name: 'macvlan in source mode',
    bytes: () =>
      info(
        'macvlan',
        `08 00 01 00 10 00 00 00 # IFLA_MACVLAN_MODE MACVLAN_MODE_SOURCE
         06 00 02 00 02 00 00 00 # IFLA_MACVLAN_FLAGS
         10 00 05 00             # IFLA_MACVLAN_MACADDR_DATA
           0a 00 04 00 02 00 00 00 00 01 00 00
         08 00 06 00 01 00 00 00 # IFLA_MACVLAN_MACADDR_COUNT`,
      ),
    value: {
      kind: 'macvlan',
      macvlan: {
        mode: 'source',
        flags: 2,
        sourceAddresses: { addresses: ['02:00:00:00:00:01'] },
        sourceAddressCount: 1,
      },
    },
  },
  {
    name: 'macvtap in bridge mode',
    bytes: () => info('macvtap', '08 00 01 00 04 00 00 00 # MACVLAN_MODE_BRIDGE'),
    value: { kind: 'macvtap', macvtap: { mode: 'bridge' } },
  },
  {
    name: 'ipvlan',
    bytes: () => info('ipvlan', '06 00 01 00 02 00 00 00 # IPVLAN_MODE_L3S\n 06 00 02 00 01 00 00 00 # private'),
    value: { kind: 'ipvlan', ipvlan: { mode: 'l3s', flags: 1 } },
  },
  {
    name: 'bond',
    bytes: () =>
      info(
        'bond',
        `05 00 01 00 04 00 00 00 # IFLA_BOND_MODE 802.3ad
         08 00 02 00 07 00 00 00 # IFLA_BOND_ACTIVE_SLAVE 7
         08 00 03 00 64 00 00 00 # IFLA_BOND_MIIMON 100
         0c 00 08 00             # IFLA_BOND_ARP_IP_TARGET
           08 00 01 00 0a 00 00 01
         05 00 0e 00 01 00 00 00 # IFLA_BOND_XMIT_HASH_POLICY layer3+4
         18 00 17 00             # IFLA_BOND_AD_INFO
           06 00 01 00 01 00 00 00 # aggregator 1
           0a 00 05 00 02 00 00 00 00 99 00 00 # partner`,
      ),
    value: {
      kind: 'bond',
      bond: {
        mode: '802.3ad',
        activePort: 7,
        miiInterval: 100,
        arpTargets: ['10.0.0.1'],
        hashPolicy: 'layer3+4',
        aggregator: { id: 1, partnerAddress: '02:00:00:00:00:99' },
      },
    },
  },
  {
    name: 'bond port',
    bytes: () =>
      info(
        'bond',
        `05 00 01 00 01 00 00 00 # IFLA_BOND_SLAVE_STATE backup
         05 00 02 00 02 00 00 00 # IFLA_BOND_SLAVE_MII_STATUS down
         08 00 03 00 03 00 00 00 # IFLA_BOND_SLAVE_LINK_FAILURE_COUNT 3
         08 00 09 00 ff ff ff ff # IFLA_BOND_SLAVE_PRIO -1`,
        { kind: 4, data: 5 },
      ),
    value: { slaveKind: 'bond', bondPort: { state: 'backup', miiStatus: 'down', linkFailures: 3, priority: -1 } },
  },
  {
    name: 'vrf',
    bytes: () => info('vrf', '08 00 01 00 e8 03 00 00 # IFLA_VRF_TABLE 1000'),
    value: { kind: 'vrf', vrf: { table: 1000 } },
  },
  {
    name: 'vrf port',
    bytes: () => info('vrf', '08 00 01 00 e8 03 00 00 # IFLA_VRF_PORT_TABLE 1000', { kind: 4, data: 5 }),
    value: { slaveKind: 'vrf', vrfPort: { table: 1000 } },
  },
  {
    name: 'gretap with keys and ports in network order',
    bytes: () =>
      info(
        'gretap',
        `08 00 01 00 05 00 00 00 # IFLA_GRE_LINK 5
         06 00 02 00 20 00 00 00 # IFLA_GRE_IFLAGS GRE_KEY
         06 00 03 00 20 00 00 00 # IFLA_GRE_OFLAGS GRE_KEY
         08 00 04 00 00 00 00 2a # IFLA_GRE_IKEY 42
         08 00 05 00 00 00 00 2b # IFLA_GRE_OKEY 43
         08 00 06 00 c0 00 02 01 # IFLA_GRE_LOCAL
         08 00 07 00 c0 00 02 02 # IFLA_GRE_REMOTE
         05 00 08 00 40 00 00 00 # IFLA_GRE_TTL
         06 00 10 00 15 b3 00 00 # IFLA_GRE_ENCAP_SPORT 5555`,
      ),
    value: {
      kind: 'gretap',
      gretap: {
        link: 5,
        inputFlags: 0x2000,
        outputFlags: 0x2000,
        inputKey: 42,
        outputKey: 43,
        local: '192.0.2.1',
        remote: '192.0.2.2',
        ttl: 64,
        encapsulationSourcePort: 5555,
      },
    },
  },
  {
    name: 'ip6gre between IPv6 addresses',
    bytes: () =>
      info('ip6gre', '14 00 06 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 # IFLA_GRE_LOCAL 2001:db8::1'),
    value: { kind: 'ip6gre', ip6gre: { local: '2001:db8::1' } },
  },
  {
    name: 'sit, whose flags are 16 bits in network order',
    bytes: () => info('sit', '08 00 02 00 c0 00 02 01 # local\n 06 00 08 00 00 01 00 00 # SIT_ISATAP'),
    value: { kind: 'sit', sit: { local: '192.0.2.1', flags: 1 } },
  },
  {
    name: 'ip6tnl, whose flags are 32 bits in host order',
    bytes: () => info('ip6tnl', '05 00 09 00 29 00 00 00 # IPv6\n 08 00 08 00 00 00 03 00 # flags'),
    value: { kind: 'ip6tnl', ip6tnl: { protocol: 41, flags: 0x30000 } },
  },
  {
    name: 'geneve',
    bytes: () =>
      info(
        'geneve',
        '08 00 01 00 64 00 00 00 # VNI 100\n 06 00 05 00 17 c1 00 00 # port 6081\n 04 00 06 00 # metadata',
      ),
    value: { kind: 'geneve', geneve: { id: 100, port: 6081, collectMetadata: true } },
  },
  {
    name: 'vti',
    bytes: () => info('vti', '08 00 02 00 00 00 00 07 # IFLA_VTI_IKEY 7'),
    value: { kind: 'vti', vti: { inputKey: 7 } },
  },
  {
    name: 'tap',
    bytes: () => info('tun', '08 00 01 00 e8 03 00 00 # owner 1000\n 05 00 03 00 02 00 00 00 # IFF_TAP'),
    value: { kind: 'tun', tun: { owner: 1000, type: 'tap' } },
  },
  {
    name: 'netkit',
    bytes: () => info('netkit', '08 00 03 00 02 00 00 00 # blackhole\n 08 00 05 00 01 00 00 00 # l3'),
    value: { kind: 'netkit', netkit: { policy: 'blackhole', mode: 'l3' } },
  },
  {
    name: 'a kind without a table keeps its bytes',
    bytes: () => info('hsr', '08 00 01 00 05 00 00 00'),
    value: { kind: 'hsr', data: annotatedBytes('08 00 01 00 05 00 00 00') },
  },
]

describe.runIf(littleEndian)('the data of a kind, both ways', () => {
  for (const { name, bytes, value } of kinds) {
    test(name, () => {
      expect(decodedValue(linkInfo, bytes())).toEqual(value)
      expect(encodedValue(linkInfo, value)).toEqual(bytes())
    })
  }

  test('data in front of the name of its kind is read all the same', () => {
    const data = attribute(2, annotatedBytes('08 00 01 00 e8 03 00 00'))
    const kind = attribute(1, Buffer.from('vrf\0'))
    expect(decodedValue(linkInfo, Buffer.concat([data, kind]))).toEqual({ kind: 'vrf', vrf: { table: 1000 } })
  })

  test('data whose kind was never named keeps its bytes', () => {
    const data = attribute(2, annotatedBytes('01 02 03 04'))
    expect(decodedValue(linkInfo, data)).toEqual({ data: annotatedBytes('01 02 03 04') })
  })

  test('kinds without data have none', () => {
    for (const kind of ['dummy', 'ifb', 'wireguard']) {
      const bytes = attribute(1, Buffer.from(`${kind}\0`))
      expect(decodedValue(linkInfo, bytes)).toEqual({ kind })
      expect(encodedValue(linkInfo, { kind })).toEqual(bytes)
    }
  })

  test('a setting that the kernel tells as a byte and takes as a flag', () => {
    const told = info('vxlan', '05 00 1c 00 01 00 00 00 # IFLA_VXLAN_TTL_INHERIT 1')
    expect(decodedValue(linkInfo, told)).toEqual({ kind: 'vxlan', vxlan: { ttlInherit: true } })
    expect(encodedValue(linkInfo, { kind: 'vxlan', vxlan: { ttlInherit: true } })).toEqual(info('vxlan', '04 00 1c 00'))
    expect(encodedValue(linkInfo, { kind: 'vxlan', vxlan: { ttlInherit: false } })).toEqual(info('vxlan', ''))
  })

  test('attributes that no table knows are written back', () => {
    const newer = info('vrf', '08 00 01 00 e8 03 00 00 # IFLA_VRF_TABLE\n 06 00 7b 00 01 02 00 00 # not yet invented')
    const value = decodedValue(linkInfo, newer)
    expect(value.vrf?.unknown).toEqual([{ type: 0x7b, value: annotatedBytes('01 02') }])
    expect(encodedValue(linkInfo, value)).toEqual(newer)
  })
})

test('a word that the kernel does not have is refused with the words it has', () => {
  const value = { kind: 'ipvlan', ipvlan: { mode: 'l4' as 'l3' } }
  expect(() => encodedValue(linkInfo, value)).toThrow('"l4" is none of l2, l3, l3s')
})

test('a number without a word stays a number', () => {
  if (!littleEndian) return
  const bytes = info('ipvlan', '06 00 01 00 09 00 00 00')
  expect(decodedValue(linkInfo, bytes)).toEqual({ kind: 'ipvlan', ipvlan: { mode: 9 } })
  expect(encodedValue(linkInfo, { kind: 'ipvlan', ipvlan: { mode: 9 } })).toEqual(bytes)
})

// Now and then the first byte is missing, which shifts everything behind it.
const dataBytes = fc
  .array(fc.tuple(fc.nat(50), fc.uint8Array({ maxLength: 24 }), fc.nat(2)), { maxLength: 12 })
  .map((list) =>
    Buffer.concat(list.map(([type, value, cut]) => attribute(type, Buffer.from(value)).subarray(cut === 0 ? 1 : 0))),
  )

test.runIf(littleEndian).each([...Object.keys(linkKinds)])(
  '%s survives any data, and writes what it has read',
  (kind) => {
    fc.assert(
      fc.property(dataBytes, (data) => {
        const read = decodedValue(linkInfo, Buffer.concat([attribute(1, Buffer.from(`${kind}\0`)), attribute(2, data)]))
        const again = decodedValue(linkInfo, encodedValue(linkInfo, read))
        if (read.vxlan?.ttlInherit === false) delete read.vxlan.ttlInherit
        expect(again).toEqual(read)
      }),
      { numRuns: 200 },
    )
  },
)
