/** An interface in front of IPsec policies, picked by id (net/xfrm/xfrm_interface_core.c; IFLA_XFRM_*, linux/if_link.h). */
import { attribute, attributes } from '../../netlink/attributes.ts'
import { flag, u32 } from '../../netlink/value.ts'

/** `interfaceId` is the XFRMA_IF_ID of the states and policies that belong to it. */
export const xfrm = attributes({
  link: attribute(1, u32),
  interfaceId: attribute(2, u32),
  collectMetadata: attribute(3, flag),
})
