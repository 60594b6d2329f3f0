/** More IP addresses behind one link-layer address (drivers/net/ipvlan; IFLA_IPVLAN_*, linux/if_link.h). */
import { attribute, attributes } from '../../netlink/attributes.ts'
import { u16 } from '../../netlink/value.ts'
import { word } from '../word.ts'

/** `flags`: 1 private, 2 VEPA, none of them bridge. */
export const ipvlan = attributes({
  mode: attribute(1, word(u16, ['l2', 'l3', 'l3s'])),
  flags: attribute(2, u16),
})
