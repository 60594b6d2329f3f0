/** Device features and link settings on the wire (linux/ethtool_netlink.h, generic netlink family `ethtool`). */
import { attribute, attributes, many } from '../netlink/attributes.ts'
import { flag, raw, string, u8, u32 } from '../netlink/value.ts'
import { genericKind } from './generic-message.ts'

/** ETHTOOL_MSG_*, from user space to the kernel. */
export const EthtoolCommand = { getStrings: 1, getLinkInfo: 2, getLinkModes: 4, getFeatures: 11 } as const

/** ETHTOOL_FLAG_COMPACT_BITSETS: bit maps instead of a list of named bits. */
export const COMPACT_BITSETS = 0x1

/** ETHTOOL_A_HEADER_*: which device, and how to answer. */
const header = attribute(
  1,
  attributes({ index: attribute(1, u32), name: attribute(2, string), flags: attribute(3, u32) }),
)

/** ETHTOOL_A_STRSET_*: names of numbered things. */
export const ethtoolStrings = genericKind(
  attributes({
    header,
    sets: attribute(
      2,
      attributes({
        set: many(
          1,
          attributes({
            id: attribute(1, u32),
            count: attribute(2, u32),
            strings: attribute(
              3,
              attributes({ string: many(1, attributes({ index: attribute(1, u32), value: attribute(2, string) })) }),
            ),
          }),
        ),
      }),
    ),
  }),
)

/** ETHTOOL_A_BITSET_*, compact: words of 32 bits in host order, bit 0 first. */
const bitset = attributes({
  noMask: attribute(1, flag),
  size: attribute(2, u32),
  value: attribute(4, raw),
  mask: attribute(5, raw),
})

/** ETHTOOL_A_FEATURES_* */
export const ethtoolFeatures = genericKind(
  attributes({
    header,
    hardware: attribute(2, bitset),
    wanted: attribute(3, bitset),
    active: attribute(4, bitset),
    fixed: attribute(5, bitset),
  }),
)

/** ETHTOOL_A_LINKINFO_* */
export const ethtoolLinkInfo = genericKind(
  attributes({ header, port: attribute(2, u8), phyAddress: attribute(3, u8), transceiver: attribute(6, u8) }),
)

/** ETHTOOL_A_LINKMODES_*: what the link is, what we offer and what its partner offers. */
export const ethtoolLinkModes = genericKind(
  attributes({
    header,
    autonegotiation: attribute(2, u8),
    ours: attribute(3, bitset),
    peer: attribute(4, bitset),
    speed: attribute(5, u32),
    duplex: attribute(6, u8),
  }),
)
