/** An interface whose other end is a process (drivers/net/tun.c; IFLA_TUN_*, linux/if_link.h). The kernel only tells these. */
import { attribute, attributes } from '../../netlink/attributes.ts'
import { u8, u32 } from '../../netlink/value.ts'
import { word } from '../word.ts'

/** `owner` and `group` are user and group ids; they are missing when anyone may attach. */
export const tun = attributes({
  owner: attribute(1, u32),
  group: attribute(2, u32),
  type: attribute(3, word(u8, ['', 'tun', 'tap'])),
  packetInfo: attribute(4, u8),
  vnetHeader: attribute(5, u8),
  persist: attribute(6, u8),
  multiQueue: attribute(7, u8),
  queues: attribute(8, u32),
  disabledQueues: attribute(9, u32),
})
