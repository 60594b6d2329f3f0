/** A pair of Ethernet interfaces joined back to back (drivers/net/veth.c; VETH_INFO_*, linux/veth.h). */
import { attribute, attributes } from '../../netlink/attributes.ts'
import { peer } from './peer.ts'

/** The kernel takes `peer` when a pair is made and never sends it back; it tells the other end by IFLA_LINK. */
export const veth = attributes({ peer: attribute(1, peer) })
