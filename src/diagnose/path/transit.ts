/** A packet under way, and how its way can end. */
import type { Link } from '../../kernel/index.ts'
import type { FindingCode } from '../catalog/finding-code.ts'
import type { RuleReference } from '../filter/filter-rules.ts'
import type { Evidence, Fix } from '../finding.ts'
import type { Place } from '../scene/place.ts'
import type { Packet, TrackedFlow } from './packet.ts'
import type { Hop } from './prediction.ts'

/** A packet with the hops that it has made. Values: each step makes a new one, so that copies of a flooded frame part ways. */
export interface Transit {
  readonly packet: Packet
  readonly hops: readonly Hop[]
  /** What the kernel attaches to it while it is in one namespace: its tracked flow, and which way of it this is. */
  readonly tracked?: TrackedPacket | undefined
}

/** A packet's place in a tracked flow, in the namespace that tracks it. */
export interface TrackedPacket {
  readonly inode: string
  readonly flow: TrackedFlow
  readonly reply: boolean
}

/** Why a packet goes no further: the cause as it is known on the spot. */
export interface Stop {
  readonly code: FindingCode
  readonly place: Place
  readonly link?: Link | undefined
  /** The interface that the frame would have gone out of, when the one that stopped it did so for its sake. */
  readonly towards?: Link | undefined
  readonly rule?: RuleReference | undefined
  readonly summary: string
  readonly evidence: readonly Evidence[]
  readonly fix: Fix | null
  /** Somebody answers no: a closed port, a rejecting rule. */
  readonly refused?: boolean
  /** An interface that was flooded with a frame that is not for it: no fault. */
  readonly notForIt?: boolean
}

/** A frame that came up to the IP layer of an interface. */
export interface Landing {
  readonly kind: 'landed'
  readonly place: Place
  readonly link: Link
  readonly transit: Transit
  /** Prerouting was done already, by a bridge with br_netfilter. */
  readonly preroutingDone?: boolean
}

/** A frame or packet that was stopped. */
export interface Stopped {
  readonly kind: 'stopped'
  readonly stop: Stop
  readonly transit: Transit
}

/** One that went where nothing is known. */
export interface Left {
  readonly kind: 'left'
  readonly place: Place
  readonly link: Link
  readonly nextHop: string
  readonly transit: Transit
}

/** One that a socket, or the stack itself, took. */
export interface Delivered {
  readonly kind: 'delivered'
  readonly place: Place
  readonly link: Link
  readonly transit: Transit
}

/** How a frame's way through a link layer ends; flooding makes many of one. */
export type FrameEnding = Landing | Stopped | Left

/** How a packet's way ends. */
export type PacketEnding = Delivered | Stopped | Left
