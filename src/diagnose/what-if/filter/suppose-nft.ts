/** `nft add|insert|replace|delete|flush|create|destroy …` (nft(8)), tried on a copy of the rule set. */
import type { FilterRules } from '../../filter/filter-rules.ts'
import { readFilterRules } from '../../filter/index.ts'
import type { Place } from '../../scene/place.ts'
import type { Scene } from '../../scene/scene.ts'
import type { SceneChange } from '../supposed-scene.ts'
import { WhatIfError } from '../what-if-error.ts'
import { type HandlePair, handleInCopy, withOriginalHandles } from './handles.ts'
import { RuleSetCopy } from './rule-set-copy.ts'

const VERBS: ReadonlySet<string> = new Set(['add', 'insert', 'replace', 'delete', 'flush', 'create', 'destroy'])
const FAMILIES: ReadonlySet<string> = new Set(['ip', 'ip6', 'inet', 'arp', 'bridge', 'netdev'])

/** Supposes a command of nft(8). @throws WhatIfError */
export function supposeNft(_scene: Scene, place: Place, words: readonly string[]): SceneChange {
  const [verb = ''] = words
  if (verb.startsWith('-')) throw new WhatIfError(`nft: the option "${verb}" cannot be supposed`)
  if (!VERBS.has(verb)) {
    throw new WhatIfError(`nft: "${verb}" cannot be supposed; add, insert, replace, delete and flush can`)
  }
  if (words.some((word) => /\b(include|define|undefine|redefine)\b/.test(word))) {
    throw new WhatIfError('nft: one plain command can be supposed, without files and variables')
  }
  return supposeOnCopy(place, (pairs) => [lineOf(translated(words, pairs))])
}

/** Supposes lines of nft(8), which may depend on the copy. */
export function supposeOnCopy(
  place: Place,
  linesFor: (pairs: readonly HandlePair[], copy: RuleSetCopy) => readonly string[],
): SceneChange {
  const earlier = copies.get(place.filters)
  if (earlier !== undefined) return { places: new Map([[place.inode, { filters: tried(place, earlier, linesFor) }]]) }
  const copy = RuleSetCopy.of(place)
  try {
    const filters = tried(place, copy, linesFor)
    return { places: new Map([[place.inode, { filters }]]), release: () => copy.close() }
  } catch (error) {
    copy.close()
    throw error
  }
}

/**
 * The copy that supposed rules were read from. A further command is tried on the same one, after those before it; the scene
 * that made the copy closes it.
 */
const copies = new WeakMap<FilterRules, RuleSetCopy>()

function tried(
  place: Place,
  copy: RuleSetCopy,
  linesFor: (pairs: readonly HandlePair[], copy: RuleSetCopy) => readonly string[],
): FilterRules {
  const lines = linesFor(copy.handles, copy)
  if (lines.length > 0) copy.run(lines)
  const filters = withOriginalHandles(readFilterRules(copy.namespace, { legacy: place.namespace }), copy.handles)
  copies.set(filters, copy)
  return filters
}

/** The words with the rule's handle in the copy: `delete rule [family] TABLE CHAIN handle N`. */
function translated(words: readonly string[], pairs: readonly HandlePair[]): readonly string[] {
  if (words[1] !== 'rule') return words
  const hasFamily = FAMILIES.has(words[2] ?? '')
  const [table = '', chain = ''] = words.slice(hasFamily ? 3 : 2)
  const where = { family: hasFamily ? words[2]! : 'ip', table, chain }
  const at = words.findIndex((word) => word === 'handle' || word === 'position')
  if (at < 0) return words
  const own = handleInCopy(pairs, where, Number(words[at + 1]))
  if (own === undefined) {
    throw new WhatIfError(
      `nft: chain ${chain} of table ${where.family} ${table} has no rule with handle ${words[at + 1]}`,
    )
  }
  return [...words.slice(0, at + 1), String(own), ...words.slice(at + 2)]
}

/** One line again. Words that a shell's quotes held together are strings to nft as well. */
function lineOf(words: readonly string[]): string {
  return words
    .map((word) => (/\s/.test(word) && !word.startsWith('{') && !/[{};]/.test(word) ? `"${word}"` : word))
    .join(' ')
}
