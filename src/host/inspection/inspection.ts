/** One namespace in full: the document that `netwright show --json` prints (schemas/namespace.v1.json). Plain values only. */
import type { NamespaceNode } from '../graph.ts'

/** The parts of an inspection, in the order in which people read them. */
export const INSPECTION_PARTS = [
  'links',
  'routes',
  'rules',
  'neighbours',
  'forwarding',
  'vlans',
  'sockets',
  'nftables',
  'iptables',
  'conntrack',
  'settings',
  'ipvs',
  'dns',
] as const
/** A part of an inspection. */
export type InspectionPart = (typeof INSPECTION_PARTS)[number]

/** An address family by its number of the version. */
export type IpFamily = 'ipv4' | 'ipv6'

/** An address of an interface. */
export interface InspectedAddress {
  readonly family: IpFamily
  /** With its prefix length: `172.17.0.2/16`. */
  readonly address: string
  /** Far end of a point-to-point link. */
  readonly peer: string | null
  readonly scope: string
  /** `secondary`, `tentative`, `dadfailed`, `deprecated` … */
  readonly flags: readonly string[]
  /** Seconds for which it stays valid; null for ever. */
  readonly validSeconds: number | null
}

/** An interface. */
export interface InspectedLink {
  readonly index: number
  readonly name: string
  readonly altNames: readonly string[]
  readonly alias: string | null
  /** rtnetlink's kind; `loopback` and `device` for interfaces that have none. */
  readonly kind: string
  readonly mac: string | null
  readonly mtu: number
  readonly up: boolean
  readonly carrier: boolean
  readonly operstate: string
  /** Name of the bridge, bond or vrf that it belongs to. */
  readonly master: string | null
  /** Its other end: of a veth the far interface, of a vlan or macvlan the parent. */
  readonly peer: {
    readonly interface: string
    readonly name: string
    readonly namespace: string
    readonly label: string
  } | null
  readonly qdisc: string | null
  readonly addresses: readonly InspectedAddress[]
  readonly counters: {
    readonly rxBytes: number
    readonly rxPackets: number
    readonly rxErrors: number
    readonly rxDropped: number
    readonly txBytes: number
    readonly txPackets: number
    readonly txErrors: number
    readonly txDropped: number
  }
  /** What the kernel says of its kind, and of it as a port. */
  readonly details: Readonly<Record<string, unknown>>
}

/** One next hop of a route that has several. */
export interface InspectedHop {
  readonly gateway: string | null
  readonly interface: string | null
  readonly weight: number
  readonly state: readonly string[]
}

/** A route. */
export interface InspectedRoute {
  readonly family: IpFamily
  readonly table: string
  readonly tableNumber: number
  /** `unicast`, `local`, `blackhole` … */
  readonly type: string
  /** A prefix, or `default`. */
  readonly destination: string
  readonly gateway: string | null
  readonly interface: string | null
  readonly preferredSource: string | null
  readonly metric: number
  readonly protocol: string
  readonly scope: string
  readonly mtu: number | null
  readonly nextHops: readonly InspectedHop[]
  /** `linkdown`, `dead`, `onlink`: packets do not take a dead route. */
  readonly state: readonly string[]
  /** In the notation of ip-route(8). */
  readonly text: string
}

/** A rule that picks a routing table. */
export interface InspectedRule {
  readonly family: IpFamily
  readonly priority: number
  readonly action: string
  readonly table: string | null
  /** In the notation of ip-rule(8), without the priority. */
  readonly text: string
}

/** A neighbour. */
export interface InspectedNeighbour {
  readonly family: IpFamily
  readonly address: string
  readonly mac: string | null
  readonly interface: string
  /** `reachable`, `stale`, `failed`, `permanent` … */
  readonly state: string
  readonly flags: readonly string[]
}

/** A forwarding entry of a bridge or a vxlan. */
export interface InspectedForwarding {
  readonly mac: string
  readonly interface: string
  readonly bridge: string | null
  readonly vlan: number | null
  /** Tunnel end that frames are sent to. */
  readonly remote: string | null
  readonly vni: number | null
  readonly port: number | null
  /** `permanent`, `static`, or `learned` for what is forgotten when it is not used. */
  readonly state: string
  readonly flags: readonly string[]
}

/** Vlans that a bridge port is a member of. */
export interface InspectedVlans {
  readonly interface: string
  readonly vlans: readonly {
    readonly first: number
    readonly last: number
    readonly pvid: boolean
    readonly untagged: boolean
  }[]
}

/** A socket. */
export interface InspectedSocket {
  readonly protocol: 'tcp' | 'udp' | 'raw' | 'packet'
  readonly family: IpFamily | null
  readonly state: string
  readonly local: { readonly address: string; readonly port: number } | null
  readonly remote: { readonly address: string; readonly port: number } | null
  /** Interface that it is bound to. */
  readonly interface: string | null
  readonly receiveQueue: number
  readonly sendQueue: number
  readonly user: number | null
  readonly processes: readonly { readonly pid: number; readonly fd: number; readonly command: string }[]
}

/** A chain of rules. */
export interface InspectedChain {
  readonly name: string
  readonly type: string | null
  readonly hook: string | null
  readonly priority: number | null
  readonly policy: string | null
  readonly rules: readonly { readonly handle: number | null; readonly text: string; readonly packets: number | null }[]
}

/** A table of nftables or of iptables-legacy. */
export interface InspectedTable {
  readonly family: string
  readonly name: string
  readonly chains: readonly InspectedChain[]
  /** Named sets and maps. */
  readonly sets: readonly { readonly name: string; readonly kind: 'set' | 'map'; readonly elements: number }[]
}

/** nftables' rule set. */
export interface InspectedRuleset {
  readonly tables: readonly InspectedTable[]
  /** The same as libnftables-json(5) writes it. */
  readonly objects: readonly unknown[]
}

/** The table of tracked connections. */
export interface InspectedConntrack {
  readonly entries: number
  readonly maximum: number
  /** Packets dropped because the table was full. */
  readonly dropped: number
  readonly insertFailed: number
  readonly invalid: number
}

/** A virtual service of IPVS. */
export interface InspectedService {
  /** `tcp 10.0.0.2:80`, or `mark 256`. */
  readonly service: string
  readonly scheduler: string
  readonly destinations: readonly {
    readonly address: string
    readonly port: number
    readonly forwarding: string
    readonly weight: number
    readonly active: number
    readonly inactive: number
  }[]
}

/** How names are resolved. */
export interface InspectedDns {
  /** Whose files these are: `process 4711`, `/etc/netns/blue`. */
  readonly source: string
  readonly nameservers: readonly string[]
  readonly search: readonly string[]
  readonly options: readonly string[]
  readonly hosts: readonly { readonly address: string; readonly names: readonly string[] }[]
}

/** The document. A part that was not asked for, or could not be read, is missing; `warnings` says which could not. */
export interface Inspection {
  readonly schema: 'netwright/namespace/v1'
  readonly host: string
  /** ISO 8601, UTC. */
  readonly takenAt: string
  /** The target as it was resolved. */
  readonly target: string
  readonly namespace: NamespaceNode
  readonly links?: readonly InspectedLink[]
  readonly routes?: readonly InspectedRoute[]
  readonly rules?: readonly InspectedRule[]
  readonly neighbours?: readonly InspectedNeighbour[]
  readonly forwarding?: readonly InspectedForwarding[]
  readonly vlans?: readonly InspectedVlans[]
  readonly sockets?: readonly InspectedSocket[]
  readonly nftables?: InspectedRuleset
  readonly iptables?: readonly InspectedTable[]
  readonly conntrack?: InspectedConntrack
  /** Kernel settings by name: `net.ipv4.ip_forward`. */
  readonly settings?: Readonly<Record<string, string>>
  readonly ipvs?: readonly InspectedService[]
  readonly dns?: InspectedDns | null
  /** What could not be read, one sentence each. */
  readonly warnings: readonly string[]
}
