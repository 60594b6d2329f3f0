/** A question as people ask it, and what became of it: a flow to be followed, or a cause that lies in the question's words. */
import type { Fix } from '../finding.ts'
import type { Intent } from '../intent/index.ts'
import type { Flow } from '../path/flow.ts'
import type { Cause } from '../path/prediction.ts'
import type { Family, Place } from '../scene/place.ts'

/** `trace FROM TO`. */
export interface Question {
  /** A target. */
  readonly from: string
  /** A target, an IP address (`fe80::1%eth0` too), or a name as the programs in FROM would resolve it. */
  readonly to: string
  readonly protocol: Flow['protocol']
  /** Of TCP and UDP. */
  readonly port?: number
  readonly sourcePort?: number
  /** Bytes of payload. Default 56, as ping(8) has it. */
  readonly size?: number
  /** Only this family; either when left out. */
  readonly family?: Family
  /** False: no packet may be sent, not even to a name server. */
  readonly packets: boolean
  /** What runtimes have on record; asked for only when it is needed. Default: nothing. */
  readonly intent?: () => Promise<Intent>
  /** Milliseconds to wait for a name server's answer. Default 1,000. */
  readonly nameServerPatience?: number
}

/** One end of a question. */
export interface QuestionEnd {
  /** As it was asked. */
  readonly word: string
  /** Undefined for an address, or a name, that is of no namespace that was named. */
  readonly place: Place | undefined
  /** What people call it: `docker:web`, `10.0.0.1`, `db (10.0.0.7)`. */
  readonly label: string
}

/** What somebody has to mend, and how. */
export interface NamedCause {
  readonly cause: Cause
  readonly fix: Fix | null
}

/** A question that became a flow. */
export interface AskedFlow {
  readonly kind: 'flow'
  readonly from: QuestionEnd
  readonly to: QuestionEnd
  readonly flow: Flow
  /** How a name became an address, one sentence each; empty without a name. */
  readonly resolution: readonly string[]
  /**
   * To be asked when the flow does not arrive: whether the name led to the wrong address. It may send questions to name
   * servers, where the question allows packets.
   */
  readonly doubtName: (() => Promise<NamedCause | undefined>) | undefined
}

/** A question that already fails at its words. */
export interface AskedInVain extends NamedCause {
  readonly kind: 'cause'
  readonly from: QuestionEnd
  readonly to: QuestionEnd
  readonly resolution: readonly string[]
  /**
   * Questions to name servers that got no answer: following one of them names a better cause than that no name server
   * answers. Empty where the reason is another.
   */
  readonly queries: readonly Flow[]
}

/** What became of a question. */
export type AskedQuestion = AskedFlow | AskedInVain
