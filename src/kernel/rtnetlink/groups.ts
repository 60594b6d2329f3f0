/** Multicast groups of rtnetlink, on which the kernel tells every change (RTNLGRP_*, linux/rtnetlink.h). */

/** Groups by number. */
export const RouteGroup = {
  link: 1,
  neighbour: 3,
  qdisc: 4,
  ipv4Address: 5,
  ipv4Route: 7,
  ipv4Rule: 8,
  ipv6Address: 9,
  ipv6Route: 11,
  ipv6Rule: 19,
  multicastDatabase: 26,
  namespaceId: 28,
  nexthop: 32,
  bridgeVlan: 33,
} as const
/** Number of a group. */
export type RouteGroup = (typeof RouteGroup)[keyof typeof RouteGroup]

/**
 * The mask that bind(2) subscribes with.
 * @throws RangeError for groups above 32, which only the socket option NETLINK_ADD_MEMBERSHIP reaches
 */
export function groupMask(...groups: readonly RouteGroup[]): number {
  let mask = 0
  for (const group of groups) {
    if (group > 32) throw new RangeError(`group ${group} does not fit the mask of bind(2), which ends at 32`)
    mask |= 1 << (group - 1)
  }
  return mask >>> 0
}
