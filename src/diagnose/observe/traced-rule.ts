/** Naming the rule that a trace points at, in its own tool's words. */
import { type FilterTraceEvent, Nftables, type NftObject } from '../../kernel/index.ts'
import type { RuleReference } from '../filter/filter-rules.ts'
import type { Place } from '../scene/place.ts'

/** Base chains of the tables that iptables-nft makes. */
const IPTABLES_CHAINS = new Set(['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'])

/** The rule or policy of an event; without its text when it is gone by now, or libnftables is missing. */
export function tracedRule(place: Place, event: FilterTraceEvent): RuleReference {
  const { family, table, chain, ruleHandle } = event
  const bare = { backend: 'nftables', family, table, chain, position: null } as const
  if (event.kind !== 'rule' || ruleHandle === undefined) return { ...bare, handle: null, text: 'policy drop' }
  try {
    using nftables = Nftables.open(place.namespace)
    const objects = nftables.list({ table: { family, name: table } })
    const rules = objects.flatMap((object) => ('rule' in object && object.rule.chain === chain ? [object.rule] : []))
    const position = rules.findIndex(({ handle }) => handle === ruleHandle)
    const text = nftables.ruleText({ family, table, chain, handle: ruleHandle }) ?? ''
    const backend = isOfIptables(objects) ? 'iptables' : 'nftables'
    return { ...bare, backend, handle: ruleHandle, position: position < 0 ? null : position + 1, text }
  } catch {
    // What the trace itself says is still true.
    return { ...bare, handle: ruleHandle, text: '' }
  }
}

function isOfIptables(objects: readonly NftObject[]): boolean {
  const chains = objects.flatMap((object) => ('chain' in object ? [object.chain] : []))
  const base = chains.filter((chain) => 'hook' in chain && chain.hook !== undefined)
  return base.length > 0 && base.every(({ family, name }) => /^ip6?$/.test(family) && IPTABLES_CHAINS.has(name))
}
