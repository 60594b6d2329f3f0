/** What mends address translation (nft(8)). */
import type { Fix } from '../finding.ts'
import type { Place } from '../scene/place.ts'
import { commandIn } from './command-line.ts'

/** Where to put a rule that masquerades. */
export interface MasqueradeRule {
  /** `ip`, `ip6` or `inet`. */
  readonly family: string
  readonly table: string
  readonly chain: string
  /** Subnet to translate: `10.0.0.0/24`. */
  readonly source: string
  /** Interface that leads out. */
  readonly output: string
}

/** Masquerades a subnet where it leaves through `output`; makes the table and chain that are not there. */
export function fixMasqueradeMissing(place: Place, home: string, rule: MasqueradeRule): Fix {
  const { family, table, chain, source, output } = rule
  const word = source.includes(':') ? 'ip6' : 'ip'
  const nft = (...words: string[]) => commandIn(place, home, ['nft', ...words])
  return {
    safe: true,
    summary: `Masquerade ${source} where it leaves ${place.label} through ${output}.`,
    commands: [
      nft('add', 'table', family, table),
      nft('add', 'chain', family, table, chain, '{ type nat hook postrouting priority srcnat ; }'),
      nft('add', 'rule', family, table, chain, word, 'saddr', source, 'oifname', output, 'masquerade'),
    ],
  }
}
