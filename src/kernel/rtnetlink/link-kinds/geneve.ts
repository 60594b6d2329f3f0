/** Ethernet over UDP with options, RFC 8926 (drivers/net/geneve.c; IFLA_GENEVE_*, linux/if_link.h). */
import { ip } from '../../netlink/address-value.ts'
import { attribute, attributes } from '../../netlink/attributes.ts'
import { be16, be32, flag, u8, u32 } from '../../netlink/value.ts'
import { word } from '../word.ts'
import { portRange } from './port-range.ts'

/** `id` is the VNI. */
export const geneve = attributes({
  id: attribute(1, u32),
  remote: attribute(2, ip),
  ttl: attribute(3, u8),
  tos: attribute(4, u8),
  port: attribute(5, be16),
  collectMetadata: attribute(6, flag),
  remote6: attribute(7, ip),
  udpChecksum: attribute(8, u8),
  udpZeroChecksum6Tx: attribute(9, u8),
  udpZeroChecksum6Rx: attribute(10, u8),
  flowLabel: attribute(11, be32),
  ttlInherit: attribute(12, u8),
  df: attribute(13, word(u8, ['unset', 'set', 'inherit'])),
  innerProtocolInherit: attribute(14, flag),
  portRange: attribute(15, portRange),
})
