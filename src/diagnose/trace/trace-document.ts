/** What a trace says: the document `netwright trace --json` prints, schemas/trace.v1.json. Plain values. */
import type { FindingCode } from '../catalog/finding-code.ts'
import type { Fix } from '../finding.ts'
import type { ObservedOutcome } from '../observe/observation.ts'
import type { Cause, HopAction, Verdict } from '../path/prediction.ts'
import type { Family } from '../scene/place.ts'

/** One end of what was asked. */
export interface TraceEnd {
  /** The word that was asked with. */
  readonly word: string
  /** Inode; null for an address or name that belongs to no namespace of this host. */
  readonly namespace: string | null
  /** What people call it. */
  readonly label: string
  readonly names: readonly string[]
}

/** The flow that was followed. */
export interface TraceFlow {
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  readonly family: Family
  /** Null when the kernel has no route that would choose one. */
  readonly source: string | null
  readonly destination: string
  /** Null for ICMP. */
  readonly port: number | null
  readonly sourcePort: number
  /** Bytes of payload. */
  readonly size: number
}

/** One step on the way. */
export interface TraceHop {
  readonly direction: 'request' | 'reply'
  readonly namespace: string
  readonly label: string
  readonly interface: string | null
  /** Whether it passes this interface inwards or outwards; null where no interface is passed. */
  readonly passes: 'in' | 'out' | null
  readonly action: HopAction
  readonly detail: string
  /** Whether a real packet was seen here; null where none was sent, or nothing can be seen (a routing decision). */
  readonly seen: boolean | null
  /** Since the packet was first seen; null when it was not. */
  readonly microseconds: number | null
}

/** What following the tables alone said. */
export interface TracePrediction {
  readonly verdict: Verdict
  readonly direction: 'request' | 'reply'
  readonly cause: FindingCode | null
  /** What could not be decided, one sentence each. */
  readonly doubts: readonly string[]
}

/** Where a packet was seen last. */
export interface LastSeen {
  readonly direction: 'request' | 'reply'
  readonly namespace: string
  readonly label: string
  readonly interface: string
  readonly passes: 'in' | 'out'
}

/** What became of packets that were really sent. */
export interface TraceObservation {
  readonly outcome: ObservedOutcome
  readonly sent: number
  readonly answered: number
  /** From the first sighting of a packet to the last of its answer, in the sender's namespace. */
  readonly roundTripMicroseconds: number | null
  readonly lastSeen: LastSeen | null
}

/** A trace. */
export interface TraceDocument {
  readonly schema: 'netwright/trace/v1'
  readonly from: TraceEnd
  readonly to: TraceEnd
  /** How a name became an address, one sentence each. */
  readonly resolution: readonly string[]
  readonly flow: TraceFlow
  readonly verdict: Verdict
  /** On which way it ends. */
  readonly direction: 'request' | 'reply'
  readonly hops: readonly TraceHop[]
  /** Null when it is delivered. */
  readonly cause: Cause | null
  readonly fix: Fix | null
  /** Where it leaves what can be seen from this host; null when it stays. */
  readonly leaves: { readonly namespace: string; readonly interface: string; readonly nextHop: string } | null
  readonly predicted: TracePrediction
  /** Null when nothing was sent. */
  readonly observed: TraceObservation | null
  /** Where the two part, one sentence each. */
  readonly differences: readonly string[]
  /** What could not be read or watched, one sentence each. */
  readonly warnings: readonly string[]
  /** Changes that were supposed, as they were given. */
  readonly supposed: readonly string[]
  readonly milliseconds: number
}
