/** What was seen of a few packets that were really sent. */
import type { RuleReference } from '../filter/filter-rules.ts'
import type { GrownCounter } from './protocol-changes.ts'
import type { SeenError, SeenPacket } from './recognise.ts'
import type { SeenTunnel } from './tunnel.ts'

/** A packet at an interface. */
export interface Sighting {
  /** Inode. */
  readonly namespace: string
  readonly index: number
  /** Name of the interface; `#7` when it has none any more. */
  readonly interface: string
  readonly passes: 'in' | 'out'
  /** Since the first sighting. */
  readonly microseconds: number
  /** `reset`: TCP says no. `error`: ICMP does. `solicitation`, `advertisement`: ARP's or neighbour discovery's. */
  readonly kind: 'request' | 'reply' | 'reset' | 'error' | 'solicitation' | 'advertisement'
  /** Which of the packets sent, from 0; undefined where it does not say. */
  readonly number: number | undefined
  /** As it was there; for an error, the packet that the error is about; for tunnels the inner one. */
  readonly packet: SeenPacket | undefined
  readonly tunnel: SeenTunnel | undefined
  readonly error: SeenError | undefined
  /** Address that somebody is asked for, or says to have. */
  readonly target: string | undefined
  /** The frame was addressed to somebody else: flooded, or on its way through a bridge. */
  readonly forOthers: boolean
}

/** What a program in the sending namespace got back. */
export interface Answer {
  readonly kind: 'reply' | 'reset' | 'error'
  /** Who it comes from. */
  readonly from: string
  readonly number: number | undefined
  readonly error: SeenError | undefined
}

/** Why nothing could be sent: the kernel's own words. */
export interface SendFailure {
  /** ENETUNREACH, EPERM, EMSGSIZE, … */
  readonly code: string
  readonly message: string
}

/** A rule that a packet of ours met its end at, by the kernel's own trace or by its counter. */
export interface DecidingRule {
  readonly namespace: string
  readonly rule: RuleReference
  readonly verdict: 'drop' | 'reject' | 'taken'
  /** How it is known. */
  readonly by: 'trace' | 'counter'
  readonly hook: string | undefined
}

/**
 * How the packets fared. `arrived`: nothing came back, but it was seen where it was to go, and its protocol needs no answer.
 * `refused`: a reset or an ICMP error came back. `unsendable`: the kernel would not even send.
 */
export type ObservedOutcome = 'answered' | 'arrived' | 'refused' | 'silent' | 'unsendable'

/** What was seen. */
export interface Observation {
  readonly outcome: ObservedOutcome
  readonly sent: number
  readonly answered: number
  readonly answer: Answer | undefined
  readonly failure: SendFailure | undefined
  /** In order of time. */
  readonly sightings: readonly Sighting[]
  readonly rules: readonly DecidingRule[]
  /** Counters of drops that grew meanwhile: hints, since others' packets count too. */
  readonly counters: readonly GrownCounter[]
  /** Inodes of the namespaces that were watched. */
  readonly watched: readonly string[]
  /** What could not be watched, one sentence each. */
  readonly warnings: readonly string[]
}
