/**
 * Counters of iptables-legacy before and after: its rules cannot be traced without adding a rule (TRACE), so the one whose
 * counter grew with our packets is the one that took them.
 */
import { type IptablesChain, type IptablesTable, iptablesRuleText, readIptables } from '../../kernel/index.ts'
import type { RuleReference } from '../filter/filter-rules.ts'
import type { Place } from '../scene/place.ts'
import type { DecidingRule } from './observation.ts'

/** A rule or policy that ends packets, and how often it did. */
interface Counted {
  readonly key: string
  readonly rule: RuleReference
  readonly verdict: DecidingRule['verdict']
  readonly hook: string | undefined
  readonly packets: bigint
}

/** Counters of some namespaces at one moment. */
export class LegacyCounters {
  readonly #before = new Map<Place, Map<string, Counted>>()

  /** Reads them. Namespaces without such tables cost next to nothing. */
  constructor(places: readonly Place[]) {
    for (const place of places) {
      const counted = countedIn(place)
      if (counted.length > 0) this.#before.set(place, new Map(counted.map((one) => [one.key, one])))
    }
  }

  /** Rules that ended at least `packets` packets since. */
  grown(packets: number): DecidingRule[] {
    return [...this.#before].flatMap(([place, before]) =>
      countedIn(place).flatMap(({ key, rule, verdict, hook, packets: now }) => {
        const then = before.get(key)
        if (then === undefined || now - then.packets < BigInt(packets)) return []
        return [{ namespace: place.inode, rule, verdict, hook, by: 'counter' as const }]
      }),
    )
  }
}

function countedIn(place: Place): Counted[] {
  try {
    return readIptables(place.namespace).flatMap((table) => table.chains.flatMap((chain) => countedOf(table, chain)))
  } catch {
    // Without the right to read them there is nothing to compare; the scene has said so already.
    return []
  }
}

function countedOf(table: IptablesTable, chain: IptablesChain): Counted[] {
  const named = (position: number | null, text: string): RuleReference => ({
    backend: 'iptables-legacy',
    family: table.family,
    table: table.name,
    chain: chain.name,
    handle: null,
    position,
    text,
  })
  const key = `${table.family} ${table.name} ${chain.name}`
  const rules = chain.rules.flatMap((rule, i): Counted[] => {
    const verdict = endOf(rule.target)
    if (verdict === undefined) return []
    const text = iptablesRuleText(chain, rule)
    const { packets } = rule
    return [{ key: `${key} ${i} ${text}`, rule: named(i + 1, text), verdict, hook: chain.hook?.toLowerCase(), packets }]
  })
  if (chain.policy !== 'DROP' || chain.policyCounters === undefined) return rules
  const { packets } = chain.policyCounters
  const hook = chain.hook?.toLowerCase()
  return [...rules, { key: `${key} policy`, rule: named(null, 'policy drop'), verdict: 'drop', hook, packets }]
}

function endOf(target: IptablesChain['rules'][number]['target']): DecidingRule['verdict'] | undefined {
  if (target.kind === 'extension') return target.name === 'REJECT' ? 'reject' : undefined
  if (target.kind !== 'verdict') return undefined
  if (target.verdict === 'DROP') return 'drop'
  return target.verdict === 'QUEUE' ? 'taken' : undefined
}
