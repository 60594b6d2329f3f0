/** Looks over the host for what stands in a network's way. */
import {
  AddressFamily,
  getLink,
  listRoutes,
  type NamespaceHandle,
  type NetlinkSocket,
  type Nftables,
  type Route,
  RouteTable,
  readIptables,
  readSysctls,
} from '../../../kernel/index.ts'
import type { NetworkRecord } from '../../model.ts'
import type { Obstacle } from '../driver.ts'
import { findLink } from './bridge-device.ts'
import { bridgesAreFiltered } from './bridge-netfilter.ts'
import type { BridgeSettings } from './bridge-options.ts'
import { legacyObjects } from './legacy-filter.ts'
import { filterObstacles } from './obstacles.ts'
import { overlaps, poolOf } from './pools.ts'

/** The host, opened. */
export interface OpenHost {
  readonly namespace: NamespaceHandle
  readonly socket: NetlinkSocket
  readonly nftables: Nftables
}

interface Subject {
  readonly network: NetworkRecord
  readonly settings: BridgeSettings
}

const FORWARDING = { 4: 'net.ipv4.ip_forward', 6: 'net.ipv6.conf.all.forwarding' } as const
const FAMILY = { 4: AddressFamily.inet, 6: AddressFamily.inet6 } as const

/** Everything that keeps the network from working, as far as it can be told for certain. */
export function findObstacles(host: OpenHost, { network, settings }: Subject): Obstacle[] {
  const objects = [...host.nftables.list(), ...legacyObjects(readIptables(host.namespace))]
  const judged = {
    network,
    settings,
    uplinks: { 4: uplinkOf(host.socket, 4), 6: uplinkOf(host.socket, 6) },
    bridgeFiltered: bridgesAreFiltered(host.namespace),
  }
  return [
    ...bridgeObstacles(host.socket, network, settings),
    ...forwardingObstacles(host.namespace, network),
    ...routeObstacles(host.socket, network, settings),
    ...filterObstacles(objects, judged),
  ]
}

function bridgeObstacles(socket: NetlinkSocket, { name }: NetworkRecord, { bridgeName }: BridgeSettings): Obstacle[] {
  const link = findLink(socket, bridgeName)
  if (link === undefined) return [{ summary: `the bridge ${bridgeName} of network ${name} is gone`, commands: [] }]
  if ((link.flags & 1) !== 0) return []
  const summary = `the bridge ${bridgeName} of network ${name} was taken down`
  return [{ summary, commands: [`ip link set ${bridgeName} up`] }]
}

function forwardingObstacles(namespace: NamespaceHandle, network: NetworkRecord): Obstacle[] {
  if (network.internal) return []
  return ([4, 6] as const).flatMap((family) => {
    const key = FORWARDING[family]
    if (poolOf(network, family) === undefined || readSysctls(namespace, [key]).get(key) !== '0') return []
    const summary = `this host does not forward IPv${family} any more, so network ${network.name} is cut off`
    return [{ summary, commands: [`sysctl -w ${key}=1`] }]
  })
}

/** Routes of others that lead part of the network's addresses elsewhere: a VPN, another runtime's network. */
function routeObstacles(socket: NetlinkSocket, network: NetworkRecord, { bridgeName }: BridgeSettings): Obstacle[] {
  const bridge = findLink(socket, bridgeName)?.index
  return ([4, 6] as const).flatMap((family) => {
    const pool = poolOf(network, family)?.pool
    if (pool === undefined) return []
    return mainRoutes(socket, family).flatMap((route) => {
      const prefix = prefixOf(route)
      if (prefix === undefined || route.outputInterface === bridge || !overlaps(prefix, pool)) return []
      // A wider route is no matter: the bridge's own, being longer, is preferred.
      if (route.destinationLength < Number(pool.split('/')[1])) return []
      const summary = `the route to ${prefix} leads elsewhere than to network ${network.name}, whose pool is ${pool}`
      return [{ summary, commands: [] }]
    })
  })
}

function uplinkOf(socket: NetlinkSocket, family: 4 | 6): string | undefined {
  const route = mainRoutes(socket, family).find((route) => route.destinationLength === 0)
  if (route?.outputInterface === undefined) return undefined
  return getLink(socket, { index: route.outputInterface }).name
}

function mainRoutes(socket: NetlinkSocket, family: 4 | 6): Route[] {
  return listRoutes(socket, { family: FAMILY[family], table: RouteTable.main })
}

function prefixOf(route: Route): string | undefined {
  return route.destination === undefined ? undefined : `${route.destination}/${route.destinationLength}`
}
