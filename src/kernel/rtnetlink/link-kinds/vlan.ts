/** An 802.1Q or 802.1ad tag on another interface (net/8021q; IFLA_VLAN_*, linux/if_link.h). */
import { attribute, attributes, many, unmarked } from '../../netlink/attributes.ts'
import { be16, struct, u16, u32 } from '../../netlink/value.ts'

const priorities = attributes({ mappings: many(1, struct({ from: u32, to: u32 })) })

/** `protocol` is an EtherType: 0x8100 for 802.1Q, 0x88a8 for 802.1ad. */
export const vlan = attributes({
  id: attribute(1, u16),
  /** Bits: 1 reorder headers, 2 GVRP, 4 loose binding, 8 MVRP, 16 bridge binding; `mask` says which to change. */
  flags: attribute(2, struct({ flags: u32, mask: u32 })),
  egressPriorities: unmarked(3, priorities),
  ingressPriorities: unmarked(4, priorities),
  protocol: attribute(5, be16),
})
