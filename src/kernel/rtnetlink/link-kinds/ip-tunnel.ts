/**
 * IP in IP (net/ipv4/ipip.c, net/ipv6/sit.c, net/ipv6/ip6_tunnel.c; IFLA_IPTUN_*, linux/if_tunnel.h). The kinds share their
 * numbers, but not the shape of `flags`: 16 bits in network order for sit, 32 bits in host order for ip6tnl.
 */
import { ip } from '../../netlink/address-value.ts'
import { attribute, attributes } from '../../netlink/attributes.ts'
import { be16, be32, flag, u8, u16, u32 } from '../../netlink/value.ts'

const common = {
  link: attribute(1, u32),
  local: attribute(2, ip),
  remote: attribute(3, ip),
  ttl: attribute(4, u8),
  tos: attribute(5, u8),
  protocol: attribute(9, u8),
  pathMtuDiscovery: attribute(10, u8),
  encapsulationType: attribute(15, u16),
  encapsulationFlags: attribute(16, u16),
  encapsulationSourcePort: attribute(17, be16),
  encapsulationDestinationPort: attribute(18, be16),
  collectMetadata: attribute(19, flag),
  firewallMark: attribute(20, u32),
}

/** IPv4 in IPv4, RFC 2003. */
export const ipip = attributes(common)

/** IPv6 in IPv4, RFC 4213, with the prefixes of 6rd (RFC 5969). */
export const sit = attributes({
  ...common,
  flags: attribute(8, be16),
  sixRdPrefix: attribute(11, ip),
  sixRdRelayPrefix: attribute(12, ip),
  sixRdPrefixLength: attribute(13, u16),
  sixRdRelayPrefixLength: attribute(14, u16),
})

/** IPv4 or IPv6 in IPv6, RFC 2473. */
export const ip6tnl = attributes({
  ...common,
  encapsulationLimit: attribute(6, u8),
  flowInfo: attribute(7, be32),
  flags: attribute(8, u32),
})
