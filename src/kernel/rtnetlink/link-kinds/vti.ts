/** An interface in front of IPsec policies, picked by mark (net/ipv4/ip_vti.c; IFLA_VTI_*, linux/if_tunnel.h); vti6 likewise. */
import { ip } from '../../netlink/address-value.ts'
import { attribute, attributes } from '../../netlink/attributes.ts'
import { be32, u32 } from '../../netlink/value.ts'

/** The keys are the marks that policies match. */
export const vti = attributes({
  link: attribute(1, u32),
  inputKey: attribute(2, be32),
  outputKey: attribute(3, be32),
  local: attribute(4, ip),
  remote: attribute(5, ip),
  firewallMark: attribute(6, u32),
})
