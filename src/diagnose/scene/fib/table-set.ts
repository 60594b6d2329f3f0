/** The routing tables of a namespace, made when they are first used. */
import { RouteTable, type Rule, RuleAction, tableOf } from '../../../kernel/index.ts'
import type { Family } from '../place.ts'
import type { FibView } from './fib-view.ts'
import { RoutingTable } from './routing-table.ts'

/** Tables by family and number. */
export class TableSet {
  readonly #view: FibView
  readonly #tables = new Map<string, RoutingTable>()
  readonly #merged = new Map<Family, boolean>()

  constructor(view: FibView) {
    this.#view = view
  }

  /** A table. A number that no route has is an empty one. */
  table(family: Family, number: number): RoutingTable {
    const numbers = this.#isMerged(family) && isMergedNumber(number) ? [RouteTable.local, RouteTable.main] : [number]
    const key = `${family} ${numbers.join(' ')}`
    const known =
      this.#tables.get(key) ??
      new RoutingTable(
        family,
        this.#view.routes(family).filter((route) => numbers.includes(tableOf(route))),
      )
    this.#tables.set(key, known)
    return known
  }

  /**
   * As long as nobody wrote a rule, IPv4 keeps the tables local and main as one, so that the longest prefix of both wins
   * (fib_trie_unmerge, net/ipv4/fib_trie.c).
   */
  #isMerged(family: Family): boolean {
    const known = this.#merged.get(family)
    if (known !== undefined) return known
    const merged = family === 'ipv4' && areDefaultRules(this.#view.rules('ipv4'))
    this.#merged.set(family, merged)
    return merged
  }
}

function isMergedNumber(number: number): boolean {
  return number === RouteTable.local || number === RouteTable.main
}

const DEFAULT_RULES: readonly (readonly [priority: number, table: number])[] = [
  [0, RouteTable.local],
  [32766, RouteTable.main],
  [32767, RouteTable.default],
]

function areDefaultRules(rules: readonly Rule[]): boolean {
  return (
    rules.length === DEFAULT_RULES.length &&
    DEFAULT_RULES.every(([priority, table], i) => isPlain(rules[i]!, priority, table))
  )
}

function isPlain(rule: Rule, priority: number, table: number): boolean {
  return (
    rule.action === RuleAction.toTable &&
    (rule.priority ?? 0) === priority &&
    tableOf(rule) === table &&
    rule.sourceLength === 0 &&
    rule.destinationLength === 0 &&
    rule.inputName === undefined &&
    rule.outputName === undefined &&
    rule.mark === undefined &&
    rule.l3mdev !== 1
  )
}
