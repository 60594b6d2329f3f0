/** Routes: listed, looked up, added and deleted with RTM_GETROUTE, RTM_NEWROUTE and RTM_DELROUTE (rtnetlink(7)). */
import { hasCode } from '../errors.ts'
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../netlink/message.ts'
import type { NetlinkSocket, Query, Request } from '../netlink/socket.ts'
import { wholeTable } from '../netlink/whole-table.ts'
import { RouteMessage } from './message-type.ts'
import { AddressFamily, familyOf, parsePrefix } from './prefix.ts'
import { type Route, RouteFlag, RouteProtocol, RouteScope, RouteTable, RouteType, routeKind } from './route-kind.ts'

export * from './route-kind.ts'

/** Which routes to list; what is left out does not restrict. */
export interface ListRoutesOptions {
  /** AF_INET (2), AF_INET6 (10) or AF_MPLS (28). */
  readonly family?: number
  readonly table?: number
  readonly protocol?: number
  readonly type?: number
  /** Index of the interface that they lead out of. */
  readonly outputInterface?: number
}

/** Number of the table that a route is in. */
export function tableOf(route: Pick<Route, 'table'> & { readonly tableId?: number }): number {
  return route.tableId ?? route.table
}

/** Routes of all tables of the socket's namespace; cached entries of look-ups are not among them. */
export function listRoutes(socket: NetlinkSocket, options: ListRoutesOptions = {}): Route[] {
  const families = options.family === undefined ? [AddressFamily.inet, AddressFamily.inet6] : [options.family]
  return families.flatMap((family) => listFamily(socket, family, options))
}

function listFamily(socket: NetlinkSocket, family: number, options: ListRoutesOptions): Route[] {
  const routes = dumpFamily(socket, family, options)
  return options.table === undefined ? routes : routes.filter((route) => tableOf(route) === options.table)
}

/** A table that was never used does not exist, which the kernel reports as ENOENT: it has no routes. */
function dumpFamily(socket: NetlinkSocket, family: number, options: ListRoutesOptions): Route[] {
  try {
    const { family: _, ...restrictions } = options
    return socket.dump(Object.keys(restrictions).length === 0 ? allRoutes(family) : listQuery(family, options))
  } catch (error) {
    if (options.table !== undefined && hasCode(error, 'ENOENT')) return []
    throw error
  }
}

const allRoutes = wholeTable((family: number) => listQuery(family, {}))

function listQuery(family: number, options: ListRoutesOptions): Query<Route, Route> {
  return {
    operation: 'RTM_GETROUTE',
    type: RouteMessage.getRoute,
    kind: routeKind,
    body: {
      family,
      protocol: options.protocol ?? 0,
      type: options.type ?? 0,
      ...(options.table === undefined ? {} : { tableId: options.table }),
      ...(options.outputInterface === undefined ? {} : { outputInterface: options.outputInterface }),
    },
    reply: routeKind,
  }
}

/** What to look up. */
export interface RouteLookUp {
  readonly destination: string
  readonly source?: string
  readonly inputInterface?: number
  readonly outputInterface?: number
  readonly mark?: number
  readonly uid?: number
  /** IP protocol number with its ports, for rules and hashes that look at them. */
  readonly ipProtocol?: number
  readonly sourcePort?: number
  readonly destinationPort?: number
  /** Ask for the entry of the table that matched, not for the way that follows from it (RTM_F_FIB_MATCH, Linux 4.13). */
  readonly fibMatch?: boolean
}

/**
 * The way that the kernel sends a packet, as it would decide now, rules and policies included.
 * @throws NetlinkError ENETUNREACH when there is no route, EHOSTUNREACH, EACCES and EINVAL when a route forbids it
 */
export function lookUpRoute(socket: NetlinkSocket, lookUp: RouteLookUp): Route {
  const { destination, source, fibMatch, ...rest } = lookUp
  const v4 = familyOf(destination) === AddressFamily.inet
  const bits = v4 ? 32 : 128
  return socket.get({
    operation: `RTM_GETROUTE ${destination}`,
    type: RouteMessage.getRoute,
    kind: routeKind,
    body: {
      family: familyOf(destination),
      destinationLength: bits,
      destination,
      ...(source === undefined ? {} : { source, sourceLength: bits }),
      // IPv6 always tells the table, and refuses to be asked for it (inet6_rtm_valid_getroute_req, net/ipv6/route.c).
      flags: (v4 ? RouteFlag.lookUpTable : 0) | (fibMatch === true ? RouteFlag.fibMatch : 0),
      ...rest,
    },
    reply: routeKind,
  })
}

/** A route to add or delete: a prefix and whatever else the message takes. */
export interface RouteSpec extends Partial<Omit<Route, 'destination' | 'destinationLength' | 'family'>> {
  /** `10.0.0.0/8`, `fd00::/8`; `0.0.0.0/0` and `::/0` are default routes. */
  readonly prefix: string
}

/** A request that adds a route; EEXIST when it is there, unless `replace`. @throws RangeError on a malformed prefix */
export function newRouteRequest(spec: RouteSpec, options: { replace?: boolean } = {}): Request<Route> {
  return {
    operation: `RTM_NEWROUTE ${spec.prefix}`,
    type: RouteMessage.newRoute,
    flags: NLM_F_CREATE | (options.replace === true ? NLM_F_REPLACE : NLM_F_EXCL),
    kind: routeKind,
    body: {
      table: RouteTable.main,
      protocol: RouteProtocol.static,
      type: RouteType.unicast,
      scope: defaultScope(spec),
      ...routeBody(spec),
    },
  }
}

/** A request that deletes a route. What `spec` leaves out matches any route with that prefix. */
export function deleteRouteRequest(spec: RouteSpec): Request<Route> {
  return {
    operation: `RTM_DELROUTE ${spec.prefix}`,
    type: RouteMessage.deleteRoute,
    kind: routeKind,
    body: { table: RouteTable.main, scope: RouteScope.nowhere, ...routeBody(spec) },
  }
}

/** Adds a route. @throws NetlinkError EEXIST, ENETUNREACH when the gateway is not on a link; RangeError on a malformed prefix */
export function addRoute(socket: NetlinkSocket, spec: RouteSpec): void {
  socket.request(newRouteRequest(spec))
}

/** Deletes a route. @throws NetlinkError ESRCH when there is none; RangeError on a malformed prefix */
export function deleteRoute(socket: NetlinkSocket, spec: RouteSpec): void {
  socket.request(deleteRouteRequest(spec))
}

function routeBody(spec: RouteSpec): Partial<Route> {
  const { prefix, ...rest } = spec
  const { family, address, length } = parsePrefix(prefix)
  return { ...rest, family, destinationLength: length, ...(length === 0 ? {} : { destination: address }) }
}

/** The kernel refuses a gateway in scope link, and a route to a link in scope universe says less than it could. */
function defaultScope(spec: RouteSpec): number {
  if (spec.type === RouteType.local) return RouteScope.host
  const direct = spec.gateway === undefined && spec.via === undefined && spec.nextHops === undefined
  return direct && spec.outputInterface !== undefined && spec.nexthopId === undefined
    ? RouteScope.link
    : RouteScope.universe
}
