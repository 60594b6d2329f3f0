/** A graph with its objects found by their keys: what every picture looks things up in. */
import type { Graph, InterfaceNode, Link, NamespaceNode, Network } from '../graph.ts'
import { sortedNaturally } from './natural-order.ts'

/** The look-ups. Lists are in the natural order of names. */
export interface GraphIndex {
  readonly graph: Graph
  /** By inode. */
  readonly namespaces: ReadonlyMap<string, NamespaceNode>
  /** By interface id. */
  readonly interfaces: ReadonlyMap<string, InterfaceNode>
  /** Interfaces of a namespace, by its inode. */
  readonly inNamespace: ReadonlyMap<string, readonly InterfaceNode[]>
  /** Ports of a bridge, members of a bond or vrf: interfaces by the id of their master. */
  readonly ports: ReadonlyMap<string, readonly InterfaceNode[]>
  /** Links that touch an interface, at either end, by its id. */
  readonly links: ReadonlyMap<string, readonly Link[]>
  /** Interfaces by their MAC address, in lower case. */
  readonly byMac: ReadonlyMap<string, readonly InterfaceNode[]>
  /** Networks by the interface id of their bridge. */
  readonly networksOfBridge: ReadonlyMap<string, readonly Network[]>
  /** Networks by their id: of an overlay that several daemons on this machine serve there is one for each. */
  readonly networksOfId: ReadonlyMap<string, readonly Network[]>
  /** Networks by the inode of the namespace that serves them. */
  readonly networksOfNamespace: ReadonlyMap<string, readonly Network[]>
}

/** Indexes a graph. */
export function indexGraph(graph: Graph): GraphIndex {
  const interfaces = sortedNaturally(graph.interfaces, (node) => node.name)
  return {
    graph,
    namespaces: new Map(graph.namespaces.map((node) => [node.inode, node])),
    interfaces: new Map(graph.interfaces.map((node) => [node.id, node])),
    inNamespace: grouped(interfaces, (node) => [node.namespace]),
    ports: grouped(interfaces, (node) => [node.master]),
    links: grouped(graph.links, (link) => (link.from === link.to ? [link.from] : [link.from, link.to])),
    byMac: grouped(interfaces, (node) => [node.mac?.toLowerCase() ?? null]),
    networksOfBridge: grouped(graph.networks, (network) => [network.bridge]),
    networksOfId: grouped(graph.networks, (network) => [network.id]),
    networksOfNamespace: grouped(graph.networks, (network) => [network.namespace]),
  }
}

function grouped<T>(values: readonly T[], keysOf: (value: T) => readonly (string | null)[]): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const value of values) {
    for (const key of keysOf(value)) {
      if (key === null) continue
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [value])
      else group.push(value)
    }
  }
  return groups
}

/** The other end of a wire. */
export interface FarEnd {
  readonly link: Link
  /** Undefined when it is on another host, out of sight, or gone. */
  readonly interface: InterfaceNode | undefined
}

/** The far end of a veth pair's interface; undefined for an interface that is no end of a pair. */
export function farEndOf(index: GraphIndex, id: string): FarEnd | undefined {
  const link = index.links.get(id)?.find((candidate) => candidate.kind === 'veth')
  if (link === undefined) return undefined
  const far = link.from === id ? link.to : link.from
  return { link, interface: far === null ? undefined : index.interfaces.get(far) }
}

/** Links whose upper end stands on this interface: vlan, macvlan and ipvlan interfaces of any namespace. */
export function stackedOn(index: GraphIndex, id: string): readonly Link[] {
  const links = index.links.get(id) ?? []
  return links.filter((link) => link.to === id && isStacked(link))
}

/** The link from a vlan, macvlan or ipvlan interface to the interface that it stands on. */
export function parentLinkOf(index: GraphIndex, id: string): Link | undefined {
  return index.links.get(id)?.find((link) => link.from === id && isStacked(link))
}

function isStacked(link: Link): boolean {
  return link.kind === 'vlan' || link.kind === 'macvlan' || link.kind === 'ipvlan'
}

/** Links of a vxlan interface to its far tunnel ends, or of a point-to-point tunnel to its remote. */
export function tunnelLinksOf(index: GraphIndex, id: string): readonly Link[] {
  const links = index.links.get(id) ?? []
  return links.filter((link) => link.kind === 'tunnel' || (link.kind === 'vxlan' && link.from === id))
}

/** Names of the kernel's fall-back tunnel devices, which appear in every namespace with the module and carry nothing. */
const FALLBACK_DEVICES = new Set([
  'tunl0',
  'gre0',
  'gretap0',
  'erspan0',
  'sit0',
  'ip6tnl0',
  'ip6gre0',
  'ip_vti0',
  'ip6_vti0',
])

/**
 * An interface that nobody asked for and nothing uses: loopback in good order (or down where no process lives, as in a
 * new namespace), or a fall-back tunnel device.
 */
export function isBackground(index: GraphIndex, node: InterfaceNode): boolean {
  if (node.kind === 'loopback') {
    const inhabited = (index.namespaces.get(node.namespace)?.pids.length ?? 0) > 0
    return (node.up || !inhabited) && node.addresses.every(isLoopbackAddress)
  }
  return FALLBACK_DEVICES.has(node.name) && !node.up && node.addresses.length === 0
}

function isLoopbackAddress(address: string): boolean {
  return address === '127.0.0.1/8' || address === '::1/128'
}
