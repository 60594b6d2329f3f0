/** A routing table of its own for the interfaces enslaved to it (drivers/net/vrf.c; IFLA_VRF_*, linux/if_link.h). */
import { attribute, attributes } from '../../netlink/attributes.ts'
import { u32 } from '../../netlink/value.ts'

/** The routing table that packets of the domain are looked up in. */
export const vrf = attributes({ table: attribute(1, u32) })

/** The same, told of an interface in the domain. */
export const vrfPort = attributes({ table: attribute(1, u32) })
