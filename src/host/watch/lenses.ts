/**
 * How a watch sees each kind of object: what tells objects apart, and what of them people see. What the kernel changes by
 * itself all the time (ages, counters, how fresh a reachable neighbour is) is not seen.
 */
import {
  type AddressSummary,
  LinkFlag,
  type LinkSummary,
  type Neighbour,
  NeighbourState,
  ownAddress,
  type Route,
  RouteTable,
  RouteType,
  type Rule,
} from '../../kernel/index.ts'
import type { Lens } from './object-table.ts'

/** Name of an interface of the namespace by its index; `index N` when it has none that is known. */
export type NameOfInterface = (index: number) => string

/** ARPHRD_LOOPBACK, linux/if_arp.h */
const HARDWARE_LOOPBACK = 772
const AF_INET6 = 10

/** Links: by index. */
export function linkLens(nameOf: NameOfInterface): Lens<LinkSummary> {
  return {
    key: (link) => String(link.index),
    view: (link) => ({
      name: link.name ?? '',
      kind: link.info?.kind ?? (link.type === HARDWARE_LOOPBACK ? 'loopback' : 'device'),
      mac: link.address ?? null,
      mtu: link.mtu ?? 0,
      up: (link.flags & LinkFlag.up) !== 0,
      carrier: (link.flags & LinkFlag.lowerUp) !== 0,
      promiscuous: (link.flags & LinkFlag.promiscuous) !== 0,
      master: link.master === undefined || link.master === 0 ? null : nameOf(link.master),
      ...(link.alias === undefined ? {} : { alias: link.alias }),
    }),
  }
}

/** Addresses: by interface and prefix. */
export function addressLens(nameOf: NameOfInterface): Lens<AddressSummary> {
  return {
    key(address) {
      const own = ownAddress(address)
      return own === undefined ? undefined : `${address.index} ${own}/${address.prefixLength}`
    },
    view: (address) => ({
      address: `${ownAddress(address)}/${address.prefixLength}`,
      interface: nameOf(address.index),
      tentative: ((address.allFlags ?? address.flags) & IFA_F_TENTATIVE) !== 0,
      duplicate: ((address.allFlags ?? address.flags) & IFA_F_DADFAILED) !== 0,
    }),
  }
}
const IFA_F_DADFAILED = 0x08
const IFA_F_TENTATIVE = 0x40

const routeTypes = Object.fromEntries(Object.entries(RouteType).map(([name, number]) => [number, name]))

/**
 * Routes: by table, destination, type of service and priority, as the kernel itself tells them apart; in IPv6 those to
 * what is reached directly by their interface too, which all have one to fe80::/64. Those of the table `local` follow from
 * addresses and links, and are left out; so are cached routes.
 */
export function routeLens(nameOf: NameOfInterface): Lens<Route> {
  return {
    key(route) {
      const table = route.tableId ?? route.table
      if (table === RouteTable.local || (route.flags & RTM_F_CLONED) !== 0) return undefined
      const source = route.sourceLength === 0 ? '' : `from ${route.source}/${route.sourceLength}`
      const direct = route.family === AF_INET6 && route.gateway === undefined ? route.outputInterface : undefined
      return `${table} ${destinationOf(route)} ${source} ${route.tos} ${route.priority ?? 0} ${direct ?? ''}`
    },
    view: (route) => ({
      destination: destinationOf(route),
      family: route.family === AF_INET6 ? 'inet6' : 'inet',
      table: route.tableId ?? route.table,
      type: routeTypes[route.type] ?? String(route.type),
      gateway: route.gateway ?? route.via?.address ?? null,
      interface: route.outputInterface === undefined ? null : nameOf(route.outputInterface),
      metric: route.priority ?? 0,
      ...(route.nextHops === undefined
        ? {}
        : {
            nextHops: route.nextHops.map((hop) => ({ gateway: hop.gateway ?? null, interface: nameOf(hop.index) })),
          }),
    }),
  }
}
const RTM_F_CLONED = 0x200

function destinationOf(route: Route): string {
  return route.destination === undefined ? 'default' : `${route.destination}/${route.destinationLength}`
}

/** Rules: by family and everything they match on. */
export const ruleLens: Lens<Rule> = {
  key: (rule) => JSON.stringify(ruleView(rule)),
  view: ruleView,
}

function ruleView(rule: Rule): Record<string, unknown> {
  const prefix = (address: string | undefined, length: number): string =>
    address === undefined ? 'all' : `${address}/${length}`
  return {
    family: rule.family === AF_INET6 ? 'inet6' : 'inet',
    priority: rule.priority ?? 0,
    from: prefix(rule.source, rule.sourceLength),
    to: prefix(rule.destination, rule.destinationLength),
    table: rule.tableId ?? rule.table,
    ...(rule.mark === undefined ? {} : { mark: rule.mark }),
    ...(rule.inputName === undefined ? {} : { interface: rule.inputName }),
    ...(rule.outputName === undefined ? {} : { outputInterface: rule.outputName }),
  }
}

/** What a neighbour's state means to people: the kernel walks reachable, stale, delay and probe round all day. */
function neighbourState(state: number): string {
  if ((state & NeighbourState.permanent) !== 0) return 'permanent'
  if ((state & NeighbourState.failed) !== 0) return 'failed'
  if ((state & NeighbourState.incomplete) !== 0) return 'incomplete'
  return (state & NeighbourState.noArp) !== 0 ? 'no-arp' : 'valid'
}

/** Neighbours (ARP, neighbour discovery): by interface and address. */
export function neighbourLens(nameOf: NameOfInterface): Lens<Neighbour> {
  return {
    key: (neighbour) =>
      neighbour.destination === undefined || (neighbour.state & NeighbourState.noArp) !== 0
        ? undefined
        : `${neighbour.index} ${neighbour.destination}`,
    view: (neighbour) => ({
      address: neighbour.destination ?? '',
      interface: nameOf(neighbour.index),
      mac: neighbour.lladdr ?? null,
      state: neighbourState(neighbour.state),
    }),
  }
}

/** Forwarding entries of bridges and vxlans: by port, MAC, vlan and far tunnel end. */
export function forwardingLens(nameOf: NameOfInterface): Lens<Neighbour> {
  return {
    key: ({ index, lladdr, vlan, destination, vni }) =>
      `${index} ${lladdr} ${vlan ?? 0} ${destination ?? ''} ${vni ?? 0}`,
    view: (entry) => ({
      mac: entry.lladdr ?? '',
      interface: nameOf(entry.index),
      vlan: entry.vlan ?? null,
      remote: entry.destination ?? null,
      permanent: (entry.state & (NeighbourState.permanent | NeighbourState.noArp)) !== 0,
    }),
  }
}
