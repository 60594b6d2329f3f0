/** Tables of nf_tables, ready to be asked. */
import type { NfBase, NfChain, NfRule, NfTable } from '../../../kernel/index.ts'
import type { CompiledChain, CompiledRule, Step } from '../chain.ts'
import type { RuleReference } from '../filter-rules.ts'
import type { Named } from '../passage.ts'
import { compileExpression } from './compile-expression.ts'
import { type ElementIndex, elementIndex } from './element-index.ts'
import { isIptablesTable } from './iptables-table.ts'
import type { RuleContext } from './rule-context.ts'

/** A base chain, which packets are sent to. */
export interface BaseChain {
  readonly chain: CompiledChain
  readonly base: NfBase
  /** Chains registered later are asked first among those of equal priority. */
  readonly registered: number
  /** Names the policy. */
  readonly policyName: Named
}

/** A table of nf_tables. */
export interface CompiledTable {
  readonly chains: ReadonlyMap<string, CompiledChain>
  readonly base: readonly BaseChain[]
}

/** Writes a rule in its tool's notation. */
export type RuleText = (table: NfTable, chain: NfChain, rule: NfRule) => string

/** More chains than a table has, so that a later table's come behind an earlier one's. */
const CHAINS_A_TABLE = 2 ** 20

/** Makes a table ready. @param text is only called when a rule is named */
export function compileTable(table: NfTable, text: RuleText): CompiledTable {
  const chains = new Map(table.chains.map((chain) => [chain.name, compileChain(chain, table, text)]))
  const base = table.chains.flatMap((chain): BaseChain[] => {
    if (chain.base === undefined) return []
    const policy = `policy ${chain.base.policy}`
    const reference = (): RuleReference => ({ ...place(table, chain), handle: null, position: null, text: policy })
    const registered = table.handle * CHAINS_A_TABLE + chain.handle
    return [{ chain: chains.get(chain.name)!, base: chain.base, registered, policyName: { reference, scope: 'all' } }]
  })
  return { chains, base }
}

function place(table: NfTable, chain: NfChain): Omit<RuleReference, 'handle' | 'position' | 'text'> {
  return {
    backend: isIptablesTable(table) ? 'iptables' : 'nftables',
    family: table.family,
    table: table.name,
    chain: chain.name,
  }
}

function compileChain(chain: NfChain, table: NfTable, text: RuleText): CompiledChain {
  const context = contextOf(table)
  const rules = chain.rules.map((rule, i) => compileRule(rule, i + 1, chain, table, context, text))
  return { name: chain.name, rules }
}

type TableContext = Omit<RuleContext, 'where'>

function contextOf(table: NfTable): TableContext {
  const indices = new Map<string, ElementIndex>()
  return {
    family: table.family,
    set(name) {
      const known = indices.get(name)
      const set = known === undefined ? table.sets.find((one) => one.name === name) : undefined
      if (set === undefined) return known
      const index = elementIndex(set)
      indices.set(name, index)
      return index
    },
    object: (name) => table.objects.find((one) => one.name === name)?.state,
  }
}

/** The steps of a rule are made when it is first asked: most rules of a host never see the packet at hand. */
function compileRule(
  rule: NfRule,
  position: number,
  chain: NfChain,
  table: NfTable,
  context: TableContext,
  text: RuleText,
): CompiledRule {
  let steps: readonly Step[] | undefined
  let written: string | undefined
  const where = `rule ${position} of chain ${chain.name} in table ${table.family} ${table.name}`
  return {
    get steps() {
      steps ??= rule.expressions.map((expression) => compileExpression(expression, { ...context, where }))
      return steps
    },
    scope: scopeOf(rule),
    reference: () => ({
      ...place(table, chain),
      handle: rule.handle,
      position,
      get text() {
        written ??= text(table, chain, rule)
        return written
      },
    }),
  }
}

/** What says little about a packet: rules that reject TCP by a reset ask for TCP by themselves. */
const broadKeys = new Set<unknown>(['l4proto', 'nfproto', 'protocol'])
const conditions = new Set(['payload', 'ct', 'fib', 'exthdr', 'rt', 'socket', 'limit', 'quota', 'connlimit', 'unknown'])

/** What a rule is about. */
function scopeOf({ expressions }: NfRule): CompiledRule['scope'] {
  if (expressions.some(({ kind }) => kind === 'lookup' || kind === 'objref')) return 'set'
  const narrows = expressions.some((one) => {
    if (one.kind === 'meta') return one.sreg === undefined && !broadKeys.has(one.key)
    return one.kind === 'match' ? one.name !== 'comment' : conditions.has(one.kind)
  })
  return narrows ? 'some' : 'all'
}
