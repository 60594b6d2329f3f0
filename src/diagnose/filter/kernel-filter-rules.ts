/** The rule sets of a namespace as they were read from the kernel, ready to be asked. */
import type { ChainEnd } from './chain.ts'
import type { FilterRules, HookOutcome, HookVisit, RuleReference } from './filter-rules.ts'
import { type HookOrder, hookKey, type Listener } from './hook-order.ts'
import { type Named, Passage, type Refusal, type Surroundings } from './passage.ts'

/** Somebody who would keep a packet from going on. */
export interface Refuser {
  readonly rule: RuleReference
  readonly scope: Named['scope']
}

/** How one refuser after the other is taken out of the way. */
export type Lifting = (refuser: Refuser) => 'without-rule' | 'accepted-by-chain'

/** Refusers that are looked for at one hook. */
const MOST_REFUSERS = 16

/** Rule sets of one namespace. */
export class KernelFilterRules implements FilterRules {
  readonly warnings: readonly string[]
  readonly #order: HookOrder
  readonly #surroundings: Surroundings
  readonly #filled: ReadonlySet<string>

  constructor(order: HookOrder, surroundings: Surroundings, warnings: readonly string[]) {
    this.warnings = warnings
    this.#order = order
    this.#surroundings = surroundings
    this.#filled = new Set([...order.keys()].map((key) => key.split(' ')[0]!))
  }

  isEmpty(layer: HookVisit['layer']): boolean {
    if (layer === 'ip') return !this.#filled.has('ipv4') && !this.#filled.has('ipv6')
    return !this.#filled.has(layer)
  }

  traverse(visit: HookVisit): HookOutcome {
    const listeners = this.#listeners(visit)
    if (listeners === undefined) return unasked(visit)
    const passage = new Passage(visit, this.#surroundings)
    for (const listener of listeners) {
      const end = refusalOf(listener, passage)
      if (end !== undefined) return refused(passage, end.decision, end.rule.reference())
    }
    return { ...outcomeOf(passage), verdict: 'accept', rule: undefined, rejectWith: undefined }
  }

  /**
   * Everybody at a hook who would refuse a packet, if those before did not: taking only the first out of the way may not help.
   * @param lifting how each is taken out of the way: its rule is not there, or its base chain accepts the packet before it
   */
  refusers(visit: HookVisit, lifting: Lifting): Refuser[] {
    const found: Refuser[] = []
    const lifted = new Set<Named>()
    const passed = new Set<Listener>()
    while (found.length < MOST_REFUSERS) {
      const next = this.#firstRefusal(visit, lifted, passed)
      if (next === undefined) return found
      const refuser = { rule: next.end.rule.reference(), scope: next.end.rule.scope }
      found.push(refuser)
      if (lifting(refuser) === 'without-rule') lifted.add(next.end.rule)
      else passed.add(next.listener)
    }
    return found
  }

  #firstRefusal(
    visit: HookVisit,
    lifted: ReadonlySet<Named>,
    passed: ReadonlySet<Listener>,
  ): { readonly end: ChainEnd; readonly listener: Listener } | undefined {
    const passage = new Passage(visit, this.#surroundings)
    passage.lifted = lifted
    for (const listener of this.#listeners(visit) ?? []) {
      const end = refusalOf(listener, passage)
      if (end !== undefined && !passed.has(listener)) return { end, listener }
    }
    return undefined
  }

  #listeners({ layer, hook, packet, input, output }: HookVisit): readonly Listener[] | undefined {
    const listeners = this.#order.get(hookKey(layer, hook, packet.family))
    if (layer !== 'netdev' || listeners === undefined) return listeners
    const device = (hook === 'egress' ? output : input)?.name
    return listeners.filter(({ devices }) => device !== undefined && devices?.includes(device) === true)
  }
}

type RefusingEnd = ChainEnd & { readonly decision: Refusal }

function refusalOf(listener: Listener, passage: Passage): RefusingEnd | undefined {
  const end = listener.ask(passage)
  return end === undefined || end.decision.kind === 'accept' ? undefined : (end as RefusingEnd)
}

/** What becomes of a packet that nobody asks about. */
export function unasked({ packet, flow }: HookVisit): HookOutcome {
  return { verdict: 'accept', packet, flow, translations: [], rule: undefined, rejectWith: undefined, doubts: [] }
}

function refused(passage: Passage, decision: Refusal, rule: RuleReference): HookOutcome {
  const rejectWith = decision.kind === 'reject' ? decision.answer : undefined
  const outcome = outcomeOf(passage)
  if (decision.kind !== 'taken') return { ...outcome, verdict: decision.kind, rule, rejectWith }
  const doubt = `a rule of chain ${rule.chain} hands the packet to a program or elsewhere; what becomes of it is not known`
  return { ...outcome, verdict: 'taken', rule, rejectWith, doubts: [...outcome.doubts, doubt] }
}

function outcomeOf(passage: Passage): Pick<HookOutcome, 'packet' | 'flow' | 'translations' | 'doubts'> {
  const { packet, flow, translations, doubts } = passage
  return { packet, flow, translations, doubts }
}
