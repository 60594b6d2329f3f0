/** What takes a filter rule out of the way (nft(8), iptables(8)). Never safe: somebody wrote it. */
import type { RuleReference } from '../filter/filter-rules.ts'
import type { Fix } from '../finding.ts'
import type { Place } from '../scene/place.ts'
import { commandIn } from './command-line.ts'

/** Deletes the rule, or changes the policy to accept; null when the rule cannot be named in a command. */
export function fixOfRule(place: Place, home: string, rule: RuleReference): Fix | null {
  const words = rule.backend === 'iptables-legacy' ? legacyWords(rule) : nftWords(rule)
  if (words === null) return null
  const summary =
    rule.position === null
      ? `Let chain ${rule.chain} of table ${rule.family} ${rule.table} in ${place.label} accept by default.`
      : `Delete the rule "${rule.text}" from chain ${rule.chain} of table ${rule.family} ${rule.table} in ${place.label}.`
  return { safe: false, summary, commands: [commandIn(place, home, words)] }
}

function nftWords({ family, table, chain, handle, position }: RuleReference): readonly string[] | null {
  if (position === null && handle === null) return ['nft', 'add', 'chain', family, table, chain, '{ policy accept ; }']
  if (handle === null) return null
  return ['nft', 'delete', 'rule', family, table, chain, 'handle', String(handle)]
}

function legacyWords({ family, table, chain, position }: RuleReference): readonly string[] {
  const program = family === 'ip6' ? 'ip6tables-legacy' : 'iptables-legacy'
  const change = position === null ? ['-P', chain, 'ACCEPT'] : ['-D', chain, String(position)]
  return [program, '-t', table, ...change]
}
