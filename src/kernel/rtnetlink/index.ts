/**
 * rtnetlink(7): links, addresses, routes, neighbours and what belongs to them. Each object has one file: its message kind
 * (`linkKind`: header and attributes in both directions), the constants of its fields, functions that list and change it
 * through a `NetlinkSocket`, and builders of requests for `NetlinkSocket.batch`. Begin with `link.ts`; `link-info.ts` and
 * `link-kinds/` hold what differs between the kinds of links.
 */
export * from './address.ts'
export * from './bridge-vlan.ts'
export * from './decode-event.ts'
export * from './groups.ts'
export * from './link.ts'
export { LinkFlag } from './link-header.ts'
export type { LinkInfo } from './link-info.ts'
export type { LinkStatistics } from './link-statistics.ts'
export * from './message-type.ts'
export * from './namespace-id.ts'
export * from './neighbour.ts'
export type { RouteHop, Via } from './next-hops.ts'
export * from './nexthop.ts'
export * from './prefix.ts'
export * from './qdisc.ts'
export type { Netem } from './qdisc-options.ts'
export * from './route.ts'
export * from './rule.ts'
export * from './vlan-entry.ts'
