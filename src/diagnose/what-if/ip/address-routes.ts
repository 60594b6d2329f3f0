/** The routes that the kernel makes by itself for an address (fib_add_ifaddr, net/ipv4/fib_frontend.c; addrconf.c). */
import {
  type Address,
  AddressFlag,
  ownAddress,
  type Route,
  RouteProtocol,
  RouteScope,
  RouteTable,
  RouteType,
  tableOf,
} from '../../../kernel/index.ts'
import { FAMILY_NUMBER } from '../../scene/fib/address-bits.ts'
import { firstOf, lastOf } from './prefix-word.ts'

const IPV6_METRIC = 256

/** Routes of an address; those beyond the namespace itself only while its interface is up. */
export function routesOfAddress(address: Address, up: boolean): readonly Route[] {
  const own = ownAddress(address)
  if (own === undefined) return []
  return address.family === FAMILY_NUMBER.ipv4 ? ipv4Routes(address, own, up) : ipv6Routes(address, own, up)
}

function ipv4Routes(address: Address, own: string, up: boolean): readonly Route[] {
  const { index, prefixLength } = address
  const common = { family: FAMILY_NUMBER.ipv4, preferredSource: own, outputInterface: index }
  const local = route({
    ...common,
    destination: own,
    destinationLength: 32,
    table: RouteTable.local,
    type: RouteType.local,
    scope: RouteScope.host,
  })
  if (!up) return [local]
  const broadcast = lastOf(own, prefixLength, 'ipv4')
  const group = {
    ...common,
    destinationLength: 32,
    table: RouteTable.local,
    type: RouteType.broadcast,
    scope: RouteScope.link,
  }
  const groups = prefixLength < 31 ? [route({ ...group, destination: broadcast })] : []
  const secondary = (flagsOf(address) & AddressFlag.secondary) !== 0
  if (prefixLength === 32 || secondary || (flagsOf(address) & AddressFlag.noPrefixRoute) !== 0)
    return [local, ...groups]
  const connected = route({
    ...common,
    destination: firstOf(address.address ?? own, prefixLength, 'ipv4'),
    destinationLength: prefixLength,
    table: RouteTable.main,
    type: RouteType.unicast,
    scope: RouteScope.link,
    ...(address.routePriority === undefined ? {} : { priority: address.routePriority }),
  })
  return [local, connected, ...groups]
}

function ipv6Routes(address: Address, own: string, up: boolean): readonly Route[] {
  if (!up) return []
  const { index, prefixLength } = address
  const common = { family: FAMILY_NUMBER.ipv6, outputInterface: index, scope: RouteScope.universe }
  const local = route({
    ...common,
    destination: own,
    destinationLength: 128,
    table: RouteTable.local,
    type: RouteType.local,
    priority: 0,
  })
  if (prefixLength === 128 || (flagsOf(address) & AddressFlag.noPrefixRoute) !== 0) return [local]
  const connected = route({
    ...common,
    destination: firstOf(address.address ?? own, prefixLength, 'ipv6'),
    destinationLength: prefixLength,
    table: RouteTable.main,
    type: RouteType.unicast,
    priority: address.routePriority ?? IPV6_METRIC,
  })
  return [local, connected]
}

/** A route message with what every one has. */
export function route(
  fields: Pick<Route, 'family' | 'destinationLength' | 'table' | 'type' | 'scope'> & Partial<Route>,
): Route {
  return {
    sourceLength: 0,
    tos: 0,
    protocol: RouteProtocol.kernel,
    flags: 0,
    ...fields,
    table: fields.table < 256 ? fields.table : RouteTable.compat,
    tableId: fields.tableId ?? fields.table,
  }
}

/** Whether two routes cannot be in one table together. */
export function isSameRoute(one: Route, other: Route): boolean {
  return (
    one.family === other.family &&
    tableOf(one) === tableOf(other) &&
    one.destinationLength === other.destinationLength &&
    (one.destination ?? '') === (other.destination ?? '') &&
    one.sourceLength === other.sourceLength &&
    (one.source ?? '') === (other.source ?? '') &&
    one.tos === other.tos &&
    (one.priority ?? 0) === (other.priority ?? 0)
  )
}

/** IFA_F_* bits of an address. */
export function flagsOf(address: Address): number {
  return address.allFlags ?? address.flags
}

/** Routes with others, unless they are there. */
export function withRoutes(routes: readonly Route[], more: readonly Route[]): readonly Route[] {
  return [
    ...routes,
    ...more.filter(
      (one) => !routes.some((other) => isSameRoute(one, other) && one.outputInterface === other.outputInterface),
    ),
  ]
}
