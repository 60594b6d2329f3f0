/** More addresses on one Ethernet interface (drivers/net/macvlan.c; IFLA_MACVLAN_*, linux/if_link.h); macvtap is the same. */
import { mac } from '../../netlink/address-value.ts'
import { attribute, attributes, many, unmarked } from '../../netlink/attributes.ts'
import { type FixedValue, s32, u16, u32 } from '../../netlink/value.ts'
import { word } from '../word.ts'

// The kernel gives the modes one bit each, so their words stand at 1, 2, 4, 8 and 16.
const modes: readonly ('' | 'private' | 'vepa' | 'bridge' | 'passthru' | 'source')[] = Array.from(
  { length: 17 },
  (_, bit) => (({ 1: 'private', 2: 'vepa', 4: 'bridge', 8: 'passthru', 16: 'source' }) as const)[bit] ?? '',
)
const mode: FixedValue<'private' | 'vepa' | 'bridge' | 'passthru' | 'source' | number> = word(u32, modes)

/** `sourceAddresses` are those that mode `source` lets in. */
export const macvlan = attributes({
  mode: attribute(1, mode),
  flags: attribute(2, u16),
  addressOperation: attribute(3, word(u32, ['add', 'delete', 'flush', 'set'])),
  address: attribute(4, mac),
  sourceAddresses: unmarked(5, attributes({ addresses: many(4, mac) })),
  sourceAddressCount: attribute(6, u32),
  broadcastQueueLength: attribute(7, u32),
  broadcastQueueLengthUsed: attribute(8, u32),
  broadcastCutoff: attribute(9, s32),
})
