/** What becomes of a flow, as far as it can be told without sending anything. */

import type { FindingCode } from '../catalog/finding-code.ts'
import type { RuleReference } from '../filter/filter-rules.ts'
import type { Evidence, Fix } from '../finding.ts'
import type { Packet } from './packet.ts'

/** What happens at a hop. */
export type HopAction =
  | 'send'
  | 'route'
  | 'bridge'
  | 'nat'
  | 'encapsulate'
  | 'decapsulate'
  | 'cross'
  | 'deliver'
  | 'drop'

/** One step on the way. */
export interface Hop {
  readonly direction: 'request' | 'reply'
  /** Inode. */
  readonly namespace: string
  /** What people call the namespace. */
  readonly label: string
  /** Name and index of the interface; null where none is concerned. */
  readonly interface: string | null
  readonly index: number | null
  /** Whether the packet, as `packet` has it, passes this interface inwards or outwards, where a packet socket would see it. */
  readonly passes: 'in' | 'out' | null
  readonly action: HopAction
  /** One line for people: `10.1.2.0/24 via 10.1.12.2 dev eth2`. */
  readonly detail: string
  /** The packet as it is after this step; for tunnels the inner one. */
  readonly packet: Packet
}

/** Where a packet dies, or would. */
export interface CausePlace {
  readonly namespace: string
  readonly names: readonly string[]
  readonly interface?: string
  readonly rule?: RuleReference
}

/** The one reason. */
export interface Cause {
  readonly code: FindingCode
  readonly where: CausePlace
  /** One sentence. */
  readonly summary: string
  readonly evidence: readonly Evidence[]
}

/** How it ends. `refused`: something answered no (a closed port, a rejecting rule); `no-reply`: the answer dies on its way back. */
export type Verdict = 'delivered' | 'dropped' | 'refused' | 'no-reply'

/** The prediction. */
export interface Prediction {
  readonly verdict: Verdict
  /** On which way it ends. */
  readonly direction: 'request' | 'reply'
  readonly hops: readonly Hop[]
  /** Null when it is delivered. */
  readonly cause: Cause | null
  readonly fix: Fix | null
  /** Where it leaves what can be seen from this host: the last interface and the next hop; null when it stays. */
  readonly leaves: { readonly namespace: string; readonly interface: string; readonly nextHop: string } | null
  /** What could not be decided, one sentence each. Empty: the prediction is sure. */
  readonly doubts: readonly string[]
}
