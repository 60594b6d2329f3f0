/** What the tables and rules say about a flow, before it becomes an answer. */
import { type Route, RouteType, type Rule, RuleAction } from '../../../kernel/index.ts'
import type { RouteAnswer } from '../place.ts'
import type { NextHop } from './next-hop.ts'

/** A decision. `none` when no rule led anywhere. */
export interface Decision {
  readonly kind: RouteAnswer['kind']
  readonly route: Route | undefined
  /** The rule that decided by itself, without a table. */
  readonly rule: Rule | undefined
  /** Table that decided; 0 for a rule's own decision. */
  readonly table: number
  /** Ways out that may be taken; empty for what leads nowhere. */
  readonly hops: readonly NextHop[]
}

/** No rule led anywhere. */
export const NO_ROUTE: Decision = { kind: 'none', route: undefined, rule: undefined, table: 0, hops: [] }

const KINDS: Readonly<Record<number, RouteAnswer['kind']>> = {
  [RouteType.unicast]: 'unicast',
  [RouteType.local]: 'local',
  [RouteType.broadcast]: 'broadcast',
  [RouteType.anycast]: 'local',
  [RouteType.multicast]: 'multicast',
  [RouteType.blackhole]: 'blackhole',
  [RouteType.unreachable]: 'unreachable',
  [RouteType.prohibit]: 'prohibit',
}

/** What a type of routes (RTN_*) means for a packet. */
export function kindOfRoute(type: number): RouteAnswer['kind'] {
  return KINDS[type] ?? 'none'
}

/** Whether packets go nowhere by it. */
export function isRejection(kind: RouteAnswer['kind']): boolean {
  return kind === 'blackhole' || kind === 'unreachable' || kind === 'prohibit' || kind === 'none'
}

/** What a rule decides that leads to no table; undefined for one that does. */
export function decisionOfRule(rule: Rule): Decision | undefined {
  if (rule.action === RuleAction.toTable) return undefined
  const kind =
    rule.action === RuleAction.unreachable
      ? 'unreachable'
      : rule.action === RuleAction.prohibit
        ? 'prohibit'
        : 'blackhole'
  return { kind, route: undefined, rule, table: 0, hops: [] }
}

/** Whether a rule rejects what its table found: the prefix is too short, or the interface is in the wrong group. */
export function isSuppressed(rule: Rule, { route, hops }: Decision, groupOf: (output: number) => number): boolean {
  if ((route?.destinationLength ?? 0) <= (rule.suppressPrefixLength ?? -1)) return true
  const { suppressGroup = -1 } = rule
  return suppressGroup >= 0 && hops[0] !== undefined && groupOf(hops[0].output) === suppressGroup
}
