/**
 * A lab as its file means it: variables replaced, ranges spread out, shapes turned into single links, and what nodes inherit
 * (node before group before kind before defaults) merged into each. Everything later works on these plain values.
 */

/** Where something stands in the file: line and column from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** Kinds of nodes. */
export type NodeKindName = 'linux' | 'frr' | 'docker' | 'bridge' | 'host' | 'existing'

/** Steps that a node goes through; others may wait for each of them. */
export type Stage = 'create' | 'create-links' | 'configure' | 'healthy' | 'exit'

/** What runs at a stage. */
export interface StageCommand {
  readonly command: string
  readonly target: 'container' | 'host'
  readonly phase: 'on-enter' | 'on-exit'
}

/** A stage of a node. */
export interface StagePlan {
  readonly waitFor: readonly { readonly node: string; readonly stage: Stage }[]
  readonly commands: readonly StageCommand[]
}

/** A directory or file of the host that a node sees. */
export interface Bind {
  /** Absolute; relative ones are taken from the lab file's folder. */
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
}

/** A route of a node. */
export interface LabRoute {
  /** A prefix, or `default`. */
  readonly destination: string
  readonly via: string | undefined
  readonly interface: string | undefined
}

/** A node. */
export interface LabNode {
  readonly name: string
  /** `clab-LAB-NODE`: what containers, namespaces in /run/netns and host names are called. */
  readonly longName: string
  readonly kind: NodeKindName
  /** The word that the file has for the kind. */
  readonly kindWord: string
  readonly group: string | undefined
  readonly type: string | undefined
  readonly image: string | undefined
  readonly entrypoint: string | undefined
  /** Command of the node's first process. */
  readonly command: string | undefined
  readonly user: string | undefined
  readonly hostname: string | undefined
  readonly environment: Readonly<Record<string, string>>
  readonly binds: readonly Bind[]
  /** `8080:80/tcp`, as Docker writes them. */
  readonly ports: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly sysctls: Readonly<Record<string, string>>
  /** Run inside, one after the other, once the links are there. */
  readonly exec: readonly string[]
  /** The node's configuration: a file, or the text itself. */
  readonly startupConfig: { readonly path: string } | { readonly text: string } | undefined
  /** Seconds. */
  readonly startupDelay: number
  readonly stages: Readonly<Partial<Record<Stage, StagePlan>>>
  /** Processors, 0.5 for half of one. */
  readonly cpu: number | undefined
  /** Bytes. */
  readonly memory: number | undefined
  readonly dns: {
    readonly servers: readonly string[]
    readonly search: readonly string[]
    readonly options: readonly string[]
  }
  /** `container:NODE`, `host`, `none`; undefined: the management network for docker, nothing else for the others. */
  readonly networkMode: string | undefined
  readonly managementIPv4: string | undefined
  readonly managementIPv6: string | undefined
  readonly capabilities: readonly string[]
  readonly privileged: boolean
  readonly restartPolicy: 'no' | 'on-failure' | 'always' | 'unless-stopped'
  /** Addresses with prefix lengths by interface: `{ eth1: ['10.0.0.1/24'] }`. `lo` too. */
  readonly addresses: Readonly<Record<string, readonly string[]>>
  readonly routes: readonly LabRoute[]
  readonly position: Position
}

/** What a link does to packets in one direction (tc-netem(8)). */
export interface Impairment {
  /** Milliseconds. */
  readonly delay?: number
  /** Milliseconds. */
  readonly jitter?: number
  /** Percent. */
  readonly loss?: number
  /** Percent. */
  readonly corruption?: number
  /** Bits per second. */
  readonly rate?: number
}

/** An end of a link. */
export interface LinkEnd {
  /** Name of a node; undefined where the end is not a node's (the host, a management network). */
  readonly node: string | undefined
  readonly interface: string
  readonly mac: string | undefined
  /** With prefix lengths, both families; beside those of the node's `addresses`. */
  readonly addresses: readonly string[]
  readonly impairment: Impairment | undefined
}

/** A link. */
export type LabLink = {
  readonly mtu: number | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly position: Position
} & (
  | { readonly kind: 'veth'; readonly ends: readonly [LinkEnd, LinkEnd] }
  | { readonly kind: 'host'; readonly end: LinkEnd; readonly hostInterface: string }
  | { readonly kind: 'mgmt-net'; readonly end: LinkEnd; readonly hostInterface: string }
  | { readonly kind: 'macvlan'; readonly end: LinkEnd; readonly hostInterface: string; readonly mode: string }
  | {
      readonly kind: 'vxlan' | 'vxlan-stitch'
      readonly end: LinkEnd
      readonly remote: string
      readonly vni: number
      readonly destinationPort: number
      readonly sourcePort: number | undefined
    }
  | { readonly kind: 'dummy'; readonly end: LinkEnd }
)

/** The network that containers of the lab are managed over. */
export interface ManagementNetwork {
  readonly name: string
  readonly bridge: string | undefined
  readonly ipv4Subnet: string | undefined
  readonly ipv6Subnet: string | undefined
  readonly ipv4Gateway: string | undefined
  readonly ipv6Gateway: string | undefined
  readonly mtu: number | undefined
}

/** Who must reach whom, or must not. */
export interface Expectation {
  readonly from: string
  /** A node, an address, or a name. */
  readonly to: string
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  readonly port: number | undefined
  readonly reaches: boolean
  readonly position: Position
}

/** A fault that happens by itself. */
export interface ScheduledFault {
  /** `NODE:INTERFACE` of one end. */
  readonly link: string
  readonly action: 'down' | 'up' | 'flap' | 'impair' | 'clear'
  /** Seconds after the start. */
  readonly at: number
  /** Seconds; for `flap` and `impair`. */
  readonly lasts: number | undefined
  /** Seconds between repetitions. */
  readonly every: number | undefined
  readonly impairment: Impairment | undefined
  readonly position: Position
}

/** A lab. */
export interface Topology {
  readonly name: string
  /** Absolute path; undefined when it was read from standard input. */
  readonly file: string | undefined
  readonly prefix: string
  readonly management: ManagementNetwork
  readonly nodes: readonly LabNode[]
  readonly links: readonly LabLink[]
  readonly tests: readonly Expectation[]
  readonly faults: readonly ScheduledFault[]
}
