/**
 * Generic routing encapsulation, RFC 2784 and 2890 (net/ipv4/ip_gre.c, net/ipv6/ip6_gre.c; IFLA_GRE_*, linux/if_tunnel.h).
 * The kinds gre, gretap, ip6gre, ip6gretap, erspan and ip6erspan share one table.
 */
import { ip } from '../../netlink/address-value.ts'
import { attribute, attributes } from '../../netlink/attributes.ts'
import { be16, be32, flag, u8, u16, u32 } from '../../netlink/value.ts'

/** `inputFlags` and `outputFlags` have the bits of the header: 0x8000 checksum, 0x2000 key, 0x1000 sequence number. */
export const gre = attributes({
  link: attribute(1, u32),
  inputFlags: attribute(2, be16),
  outputFlags: attribute(3, be16),
  inputKey: attribute(4, be32),
  outputKey: attribute(5, be32),
  local: attribute(6, ip),
  remote: attribute(7, ip),
  ttl: attribute(8, u8),
  tos: attribute(9, u8),
  pathMtuDiscovery: attribute(10, u8),
  encapsulationLimit: attribute(11, u8),
  flowInfo: attribute(12, be32),
  flags: attribute(13, u32),
  encapsulationType: attribute(14, u16),
  encapsulationFlags: attribute(15, u16),
  encapsulationSourcePort: attribute(16, be16),
  encapsulationDestinationPort: attribute(17, be16),
  collectMetadata: attribute(18, flag),
  ignoreDf: attribute(19, u8),
  firewallMark: attribute(20, u32),
  erspanIndex: attribute(21, u32),
  erspanVersion: attribute(22, u8),
  erspanDirection: attribute(23, u8),
  erspanHardwareId: attribute(24, u16),
})
