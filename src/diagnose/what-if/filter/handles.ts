/** Handles of rules: the kernel numbers those of a copy anew. */
import type { NfTable } from '../../../kernel/index.ts'
import type { FilterRules, HookOutcome, RuleReference } from '../../filter/index.ts'

/** A rule of a chain, in the copy and in the original. */
export interface HandlePair {
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly original: number
  readonly copy: number
}

/** Pairs the rules of two rule sets that are the same, by their places. */
export function pairHandles(originals: readonly NfTable[], copies: readonly NfTable[]): readonly HandlePair[] {
  return originals.flatMap((table) => {
    const copy = copies.find(({ family, name }) => family === table.family && name === table.name)
    return table.chains.flatMap((chain) => {
      const rules = copy?.chains.find(({ name }) => name === chain.name)?.rules ?? []
      return chain.rules.flatMap((rule, i) => {
        const other = rules[i]
        return other === undefined
          ? []
          : [{ family: table.family, table: table.name, chain: chain.name, original: rule.handle, copy: other.handle }]
      })
    })
  })
}

/** Rule sets whose rules are told by the handles of the original; a rule that is only supposed has none. */
export function withOriginalHandles(rules: FilterRules, pairs: readonly HandlePair[]): FilterRules {
  const translated = (reference: RuleReference): RuleReference => {
    if (reference.backend === 'iptables-legacy' || reference.handle === null) return reference
    const pair = pairs.find((one) => one.copy === reference.handle && isChain(one, reference))
    return { ...reference, handle: pair?.original ?? null }
  }
  const outcome = (told: HookOutcome): HookOutcome => ({
    ...told,
    rule: told.rule === undefined ? undefined : translated(told.rule),
    translations: told.translations.map((one) => ({ ...one, rule: one.rule === null ? null : translated(one.rule) })),
  })
  return {
    ...rules,
    isEmpty: (layer) => rules.isEmpty(layer),
    traverse: (visit) => outcome(rules.traverse(visit)),
    warnings: rules.warnings,
  }
}

/** The handle in the copy of a rule that a command names by its own. */
export function handleInCopy(
  pairs: readonly HandlePair[],
  chain: Pick<RuleReference, 'family' | 'table' | 'chain'>,
  original: number,
): number | undefined {
  return pairs.find((pair) => pair.original === original && isChain(pair, chain))?.copy
}

function isChain(
  pair: HandlePair,
  { family, table, chain }: Pick<RuleReference, 'family' | 'table' | 'chain'>,
): boolean {
  return pair.family === family && pair.table === table && pair.chain === chain
}
