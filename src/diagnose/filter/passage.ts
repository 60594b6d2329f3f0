/** A packet on its way through the rules of one hook: what it is by now, and what was noted about it. */
import type { FlowTuple, Packet, TrackedFlow } from '../path/packet.ts'
import type { Family } from '../scene/family.ts'
import type { HookVisit, RuleReference, Translation } from './filter-rules.ts'
import { type HeaderBytes, headerBytes, packetOfBytes } from './header-bytes.ts'
import { isIcmpError } from './icmp-error.ts'
import { Registers } from './registers.ts'

/** State of a connection as rules know it (`ct state`). */
export type ConnectionState = 'invalid' | 'established' | 'related' | 'new' | 'untracked'

/** What keeps a packet from going on. */
export type Refusal = { readonly kind: 'drop' | 'taken' } | { readonly kind: 'reject'; readonly answer: string }

/** What ends a packet's way at a base chain. */
export type FinalDecision = { readonly kind: 'accept' } | Refusal

/** What a rule decides. */
export type Decision =
  | FinalDecision
  | { readonly kind: 'return' }
  | { readonly kind: 'continue' }
  | { readonly kind: 'jump'; readonly chain: string }
  | { readonly kind: 'goto'; readonly chain: string }

/** Something that can be named as the reason of a decision: a rule, or a policy. */
export interface Named {
  reference(): RuleReference
  /** What it is about: every packet that comes to it, packets that its conditions name, or what a set or a map holds. */
  readonly scope: 'all' | 'some' | 'set'
}

/** Where a translation leads; parts left out stay as they are. */
export interface NewEnd {
  readonly kind: Translation['kind']
  readonly address: string | undefined
  readonly port: number | undefined
}

/** What rules may ask of the namespace beside what the visit tells. */
export interface Surroundings {
  /** The first address of an interface. */
  firstAddress(index: number, family: Family): string | undefined
  /** The name of an interface. */
  linkName(index: number): string | undefined
}

const nothing: ReadonlySet<Named> = new Set()

/** A packet at a hook, changed by the rules it meets. */
export class Passage {
  readonly visit: HookVisit
  readonly surroundings: Surroundings
  readonly registers = new Registers()
  readonly translations: Translation[] = []
  readonly doubts: string[] = []
  /** Doubts about the rule that is being asked; they count when the rule has an effect. */
  readonly pending: string[] = []
  packet: Packet
  flow: TrackedFlow | undefined
  /** Connection tracking met the flow for the first time at this hook. */
  isFirst = false
  /** Rules that have been asked. */
  asked = 0
  /** The rule that is being asked. */
  rule: Named | undefined
  /** What a rule of translation wants; set while translation chains are asked. */
  newEnd: NewEnd | undefined
  /** Zone that a rule chose for a flow that is not tracked yet. */
  zone = 0
  /** Rules and policies that are taken to be out of the way. */
  lifted: ReadonlySet<Named> = nothing
  /** A register whose content cannot be known. */
  unknownRegister: number | undefined
  #headers: HeaderBytes | undefined

  constructor(visit: HookVisit, surroundings: Surroundings) {
    this.visit = visit
    this.surroundings = surroundings
    this.packet = visit.packet
    this.flow = visit.flow
  }

  /** The headers as they are now. */
  get headers(): HeaderBytes {
    this.#headers ??= headerBytes(this.packet)
    return this.#headers
  }

  /** Replaces the packet. */
  become(packet: Packet): void {
    this.packet = packet
    this.#headers = undefined
  }

  /** Takes over what was written into `headers`. */
  rewritten(): void {
    this.packet = packetOfBytes(this.packet, this.headers)
  }

  /** The flow, unless it is not tracked. */
  get tracked(): TrackedFlow | undefined {
    return this.flow?.untracked === true ? undefined : this.flow
  }

  get connectionState(): ConnectionState {
    const { flow } = this
    if (flow === undefined) return 'invalid'
    if (flow.untracked) return 'untracked'
    if (isIcmpError(this.packet)) return 'related'
    return this.visit.reply || flow.answered ? 'established' : 'new'
  }

  /** Addresses of the flow in the direction of this packet, or in the one asked for. */
  tuple(direction: 'original' | 'reply' | undefined): FlowTuple | undefined {
    const flow = this.tracked
    if (flow === undefined) return undefined
    return (direction ?? (this.visit.reply ? 'reply' : 'original')) === 'original' ? flow.original : flow.reply
  }
}
