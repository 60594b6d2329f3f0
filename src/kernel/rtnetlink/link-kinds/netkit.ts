/** A pair of interfaces made for BPF programs (drivers/net/netkit.c; IFLA_NETKIT_*, linux/if_link.h; Linux 6.7). */
import { attribute, attributes } from '../../netlink/attributes.ts'
import { u8, u16, u32 } from '../../netlink/value.ts'
import { word } from '../word.ts'
import { peer } from './peer.ts'

const policy = word(u32, ['forward', '', 'blackhole'])
const scrub = word(u32, ['none', 'default'])

/** `primary` is 1 on the end that was made first, which alone takes programs. */
export const netkit = attributes({
  peer: attribute(1, peer),
  primary: attribute(2, u8),
  policy: attribute(3, policy),
  peerPolicy: attribute(4, policy),
  mode: attribute(5, word(u32, ['l2', 'l3'])),
  scrub: attribute(6, scrub),
  peerScrub: attribute(7, scrub),
  headroom: attribute(8, u16),
  tailroom: attribute(9, u16),
})
