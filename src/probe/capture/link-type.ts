/** Kinds of interfaces: as the kernel numbers them (linux/if_arp.h), and as capture files do (LINKTYPE_*, tcpdump.org). */

/** What the frames of an interface begin with, as capture files number it. */
export const LinkType = {
  ethernet: 1,
  rawIp: 101,
  linuxCooked: 113,
  rawIpv4: 228,
  rawIpv6: 229,
  linuxCooked2: 276,
} as const

const ARPHRD_ETHER = 1
const ARPHRD_LOOPBACK = 772

/**
 * The link type of an interface. Whatever is not like Ethernet (tunnels, tun devices) gives packets from their IP header on:
 * its devices have no header operations, so that the kernel shows none of what the tunnel adds.
 */
export function linkTypeOf(hardwareType: number): number {
  return hardwareType === ARPHRD_ETHER || hardwareType === ARPHRD_LOOPBACK ? LinkType.ethernet : LinkType.rawIp
}
