/**
 * The whole host as one graph: the document that `netwright map --json` prints (schemas/graph.v1.json) and that every other
 * room reads. Plain values only, so that it can be saved, compared and sent.
 */

/** What a namespace is for. */
export type NamespaceRole =
  | 'host'
  | 'container'
  | 'overlay'
  | 'ingress'
  | 'loadbalancer'
  | 'sandbox'
  | 'lab-node'
  | 'named'
  | 'anonymous'

/** Who a namespace belongs to. */
export interface Owner {
  /** `docker`, `podman`, `containerd`, `kubernetes`, `containerlab`, `lxc`, `systemd`, `process`. */
  readonly runtime: string
  /** The runtime's own identifier: container id, network id, unit name, process id. */
  readonly id: string
  readonly name: string
  /** For a namespace that serves a network (overlay, ingress, load balancer): that network's name. */
  readonly network?: string
  readonly labels: Readonly<Record<string, string>>
}

/** What keeps a namespace alive, beside the processes listed in `pids`. */
export interface Holder {
  readonly kind: 'thread' | 'mount' | 'descriptor' | 'socket' | 'tap' | 'neighbour'
  readonly pid?: number
  readonly tid?: number
  readonly fd?: number
  /** Name of the process (comm). */
  readonly command?: string
  /** Of a mount: where, as seen in the mount namespace of `pid`. */
  readonly path?: string
  /** Of a neighbour: the interface, `inode/index`, whose far end is in here. */
  readonly interface?: string
}

/** One network namespace. */
export interface NamespaceNode {
  /** nsfs inode, decimal: the key of a namespace within one graph. */
  readonly inode: string
  /** The kernel's never re-used id, decimal, where it gives one; null otherwise. */
  readonly id: string | null
  readonly role: NamespaceRole
  /** Entries of /run/netns that lead here. */
  readonly names: readonly string[]
  /** Paths of nsfs mounts, reachable from the host's file system (`/proc/PID/root/…` for other mount namespaces). */
  readonly mounts: readonly string[]
  readonly pids: readonly number[]
  /** Id that the host's namespace has for it (`ip netns list-id`); null when none is assigned. */
  readonly nsid: number | null
  readonly owners: readonly Owner[]
  readonly holders: readonly Holder[]
}

/** One network interface. */
export interface InterfaceNode {
  /** `<namespace inode>/<index>` */
  readonly id: string
  readonly namespace: string
  readonly index: number
  readonly name: string
  /** rtnetlink's kind; `loopback` and `device` for interfaces that have none. */
  readonly kind: string
  readonly mac: string | null
  readonly mtu: number
  /** Administratively up. */
  readonly up: boolean
  /** Has a carrier: a cable, a peer that is up. */
  readonly carrier: boolean
  /** `172.17.0.2/16`; IPv4 first. */
  readonly addresses: readonly string[]
  /** Interface id of the bridge, bond or vrf that it belongs to. */
  readonly master: string | null
  /** What else is known: alias, altNames, operstate, and per kind e.g. `vxlan: { id, port, local, group }`, `vlan: { id }`. */
  readonly details: Readonly<Record<string, unknown>>
}

/** Kinds of connection between interfaces. */
export type LinkKind = 'veth' | 'bridge-port' | 'vxlan' | 'vlan' | 'macvlan' | 'ipvlan' | 'tunnel'

/** A connection. Each veth pair appears once, from the lower interface id to the higher. */
export interface Link {
  readonly kind: LinkKind
  readonly from: string
  /** Null when the far end is on another host, or gone (`details.missing` says so). */
  readonly to: string | null
  /** vxlan: `{ vni, port, remote, underlay, macs }`; tunnel: `{ kind, local, remote }`; veth without a peer: `{ missing: true }`. */
  readonly details: Readonly<Record<string, unknown>>
}

/** A member of a network: an interface of the graph, or an endpoint known to the runtime only (`interface` null). */
export interface NetworkMember {
  readonly name: string
  readonly interface: string | null
  readonly addresses: readonly string[]
  readonly mac: string | null
}

/** A network as a runtime defines it. */
export interface Network {
  readonly runtime: string
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly subnets: readonly string[]
  /** Namespace that serves it (an overlay's), when it has one of its own here. */
  readonly namespace: string | null
  /** Interface id of its bridge, when it has one here. */
  readonly bridge: string | null
  readonly members: readonly NetworkMember[]
}

/** The document. */
export interface Graph {
  readonly schema: 'netwright/graph/v1'
  readonly host: string
  /** ISO 8601, UTC. */
  readonly takenAt: string
  readonly namespaces: readonly NamespaceNode[]
  readonly interfaces: readonly InterfaceNode[]
  readonly links: readonly Link[]
  readonly networks: readonly Network[]
  /** What could not be seen, one sentence each. */
  readonly warnings: readonly string[]
}
