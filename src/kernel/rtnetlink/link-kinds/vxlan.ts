/** Ethernet over UDP, RFC 7348 (drivers/net/vxlan; IFLA_VXLAN_*, linux/if_link.h). */
import { ip } from '../../netlink/address-value.ts'
import { attribute, attributes } from '../../netlink/attributes.ts'
import { be16, be32, fixedBytes, flag, presence, u8, u32 } from '../../netlink/value.ts'
import { word } from '../word.ts'
import { portRange } from './port-range.ts'

/** `id` is the VNI, `link` the index of the underlay device, `group` the multicast group or only far end. */
export const vxlan = attributes({
  id: attribute(1, u32),
  group: attribute(2, ip),
  link: attribute(3, u32),
  local: attribute(4, ip),
  ttl: attribute(5, u8),
  tos: attribute(6, u8),
  learning: attribute(7, u8),
  /** Seconds. */
  ageing: attribute(8, u32),
  limit: attribute(9, u32),
  portRange: attribute(10, portRange),
  proxy: attribute(11, u8),
  rsc: attribute(12, u8),
  l2Miss: attribute(13, u8),
  l3Miss: attribute(14, u8),
  port: attribute(15, be16),
  group6: attribute(16, ip),
  local6: attribute(17, ip),
  udpChecksum: attribute(18, u8),
  udpZeroChecksum6Tx: attribute(19, u8),
  udpZeroChecksum6Rx: attribute(20, u8),
  remoteChecksumTx: attribute(21, u8),
  remoteChecksumRx: attribute(22, u8),
  gbp: attribute(23, flag),
  remoteChecksumNoPartial: attribute(24, flag),
  collectMetadata: attribute(25, u8),
  flowLabel: attribute(26, be32),
  gpe: attribute(27, flag),
  // Told as a byte, but taken as a bare flag: a byte is refused (vxlan_policy, drivers/net/vxlan/vxlan_core.c).
  ttlInherit: attribute(28, presence),
  df: attribute(29, word(u8, ['unset', 'set', 'inherit'])),
  vniFilter: attribute(30, u8),
  localBypass: attribute(31, u8),
  labelPolicy: attribute(32, word(u32, ['fixed', 'inherit'])),
  reservedBits: attribute(33, fixedBytes(8)),
  multicastRoute: attribute(34, u8),
})
