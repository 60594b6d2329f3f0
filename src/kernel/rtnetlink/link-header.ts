/** The fixed header of link messages (struct ifinfomsg, linux/rtnetlink.h) and its flags. */
import { pad, s32, struct, u8, u16, u32 } from '../netlink/value.ts'

/** struct ifinfomsg. `type` is the ARPHRD_* number of the hardware: 1 Ethernet, 772 loopback. */
export const linkHeader = struct({ family: u8, padding: pad(1), type: u16, index: s32, flags: u32, change: u32 })

/** Flags of a link (IFF_*, linux/if.h); `change` of a request says which of them to touch. */
export const LinkFlag = {
  up: 0x1,
  broadcast: 0x2,
  debug: 0x4,
  loopback: 0x8,
  pointToPoint: 0x10,
  running: 0x40,
  noArp: 0x80,
  promiscuous: 0x100,
  allMulticast: 0x200,
  master: 0x400,
  slave: 0x800,
  multicast: 0x1000,
  dynamic: 0x8000,
  lowerUp: 0x10000,
  dormant: 0x20000,
  echo: 0x40000,
} as const
