/** What a survey reads of the host before it becomes a graph: namespaces with their links, as the kernel told them. */
import type { Sighting } from '../discovery/sighting.ts'

/** Key of a namespace within one survey: its inode, or `behind:<interface id>` when only a neighbour knows it. */
export type NamespaceKey = string

/** The far end that the kernel names for an interface (IFLA_LINK with IFLA_LINK_NETNSID). */
export interface FarEnd {
  /** Interface index over there; 0 when the kernel gives none. */
  readonly index: number
  /** Where; undefined when the kernel names a namespace that the survey could not reach. */
  readonly namespace: NamespaceKey | undefined
}

/** One interface as the kernel described it. */
export interface ObservedLink {
  readonly index: number
  readonly name: string
  readonly kind: string
  readonly mac: string | null
  readonly mtu: number
  readonly up: boolean
  readonly carrier: boolean
  /** Index of its bridge, bond or vrf; 0 for none. */
  readonly master: number
  readonly farEnd: FarEnd | undefined
  /** Namespace in which a tunnel's outer packets travel, when it is another one than the interface's. */
  readonly underlay: NamespaceKey | undefined
  /** Attributes of its kind, as the codec gives them. */
  readonly attributes: Readonly<Record<string, unknown>>
  readonly details: Readonly<Record<string, unknown>>
  readonly addresses: readonly string[]
}

/** A forwarding entry of a vxlan interface that leads to another tunnel end. */
export interface TunnelEntry {
  /** Interface index of the vxlan interface. */
  readonly index: number
  readonly mac: string
  /** Address of the far tunnel end. */
  readonly remote: string
  readonly vni: number | undefined
  readonly port: number | undefined
}

/** One namespace as it was read. */
export interface ObservedNamespace {
  readonly key: NamespaceKey
  /** The kernel's never re-used id, where it gives one. */
  readonly id: bigint | undefined
  /** How discovery found it; undefined when only a neighbour knows it. */
  readonly sighting: Sighting | undefined
  /** Interface id of the neighbour that led here, when there is no sighting. */
  readonly foundThrough: string | undefined
  /** Id that the host's namespace has for it. */
  readonly nsid: number | null
  readonly links: readonly ObservedLink[]
  readonly tunnelEntries: readonly TunnelEntry[]
}

/** What was read, and what could not be. */
export interface Observation {
  readonly observed: readonly ObservedNamespace[]
  readonly warnings: readonly string[]
}
