/** A namespace as diagnosis reads it: everything that decides what becomes of a packet there. */
import type { NamespaceNode } from '../../host/index.ts'
import type {
  Address,
  Connection,
  InetSocket,
  Link,
  NamespaceHandle,
  Neighbour,
  Nexthop,
  PortVlans,
  Route,
  Rule,
} from '../../kernel/index.ts'
import type { FilterRules } from '../filter/filter-rules.ts'
import type { Family } from './family.ts'

export type { Family }

/** What is asked of a routing table. */
export interface RouteQuestion {
  readonly destination: string
  /** Left out, or the unspecified address: the source is not chosen yet. */
  readonly source?: string
  /** Index of the interface that the packet came in by; left out for packets made here. */
  readonly inputInterface?: number
  /** Index of the interface that the sender is bound to. */
  readonly outputInterface?: number
  readonly mark?: number
  readonly protocol?: number
  readonly sourcePort?: number
  readonly destinationPort?: number
}

/** What a routing table answers. */
export interface RouteAnswer {
  /** `none`: no route at all (ENETUNREACH). */
  readonly kind: 'unicast' | 'local' | 'broadcast' | 'multicast' | 'blackhole' | 'unreachable' | 'prohibit' | 'none'
  /** Index of the interface that leads there; 0 for those that lead nowhere. */
  readonly output: number
  /** Next hop; undefined when the destination is on the link. It may be of the other family (RFC 5549). */
  readonly gateway: string | undefined
  /** Source address that a packet made here gets. */
  readonly source: string | undefined
  /** MTU that the route itself sets. */
  readonly mtu: number | undefined
  readonly table: number
  /** Tunnel that a route puts packets into (`encap ip id … dst …`), undecoded elsewhere. */
  readonly route: Route | undefined
  /** In the notation of ip-route(8), or of ip-rule(8) when a rule decided. */
  readonly text: string
}

/** Settings of a namespace: `net.ipv4.ip_forward`, `net.ipv4.conf.eth0.rp_filter`, `net.bridge.bridge-nf-call-iptables`. */
export interface Settings {
  /** Undefined when this kernel, or this namespace, has no such setting. */
  get(key: string): string | undefined
  /** One of an interface: `ofInterface('ipv4', 'eth0', 'rp_filter')`; names with dots are safe here. */
  ofInterface(family: Family, name: string, setting: string): string | undefined
}

/**
 * A namespace of the scene. Each part is read from the kernel when it is first asked for, and stays as it was read, so that
 * one answer stands on one state. A part that cannot be read is empty, and `Scene.warnings` says so.
 */
export interface Place {
  /** nsfs inode, decimal. */
  readonly inode: string
  readonly node: NamespaceNode
  /** What people call it: `docker:web`, `ns:blue`, `host`, `pid:4711`. */
  readonly label: string
  /** Open as long as the scene is. */
  readonly namespace: NamespaceHandle
  readonly links: readonly Link[]
  link(index: number): Link | undefined
  linkNamed(name: string): Link | undefined
  readonly addresses: readonly Address[]
  routes(family: Family): readonly Route[]
  rules(family: Family): readonly Rule[]
  readonly nexthops: readonly Nexthop[]
  /** Of both families, with proxied ones. */
  readonly neighbours: readonly Neighbour[]
  /** Forwarding entries of bridges and of vxlan links. */
  readonly forwarding: readonly Neighbour[]
  readonly vlans: readonly PortVlans[]
  /** Rule sets of nftables, iptables-nft and iptables-legacy. */
  readonly filters: FilterRules
  readonly settings: Settings
  /** Listeners of TCP, and all UDP sockets, of which those without a remote end hear everybody. */
  readonly sockets: readonly InetSocket[]
  /** Tracked connections of the kernel's table, of both families. */
  readonly connections: readonly Connection[]
  /** The kernel's own look-up where the state is the kernel's; our own where a change is only supposed. */
  lookUpRoute(question: RouteQuestion): RouteAnswer
}
