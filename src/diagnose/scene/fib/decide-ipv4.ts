/** Rules and tables of IPv4 (fib_lookup; net/ipv4/fib_rules.c, fib_trie.c). */
import { NextHopFlag, type Route, RouteType, type Rule } from '../../../kernel/index.ts'
import { type Decision, decisionOfRule, isRejection, isSuppressed, kindOfRoute, NO_ROUTE } from './decision.ts'
import type { FibView } from './fib-view.ts'
import { isAlive, type NextHop, nextHopsOf } from './next-hop.ts'
import { matchingRules, tableOfRule } from './policy.ts'
import type { RouteFlow } from './route-flow.ts'
import type { TableSet } from './table-set.ts'

/** Finds the route that a flow takes. */
export function decideIpv4(view: FibView, tables: TableSet, flow: RouteFlow): Decision {
  for (const rule of matchingRules(view, view.rules('ipv4'), flow)) {
    const decision = decisionOfRule(rule) ?? lookUpTable(view, tables, tableOfRule(view, rule, flow), flow)
    if (decision !== undefined && !(isFound(decision) && suppresses(view, rule, decision))) return decision
  }
  return NO_ROUTE
}

function isFound({ kind }: Decision): boolean {
  return !isRejection(kind)
}

function suppresses(view: FibView, rule: Rule, decision: Decision): boolean {
  return isSuppressed(rule, decision, (output) => view.link(output)?.group ?? 0)
}

/** Undefined: the next rule is asked. */
function lookUpTable(
  view: FibView,
  tables: TableSet,
  number: number | undefined,
  flow: RouteFlow,
): Decision | undefined {
  if (number === undefined) return undefined
  const missed = new Set<string | undefined>()
  for (const { routes } of tables.table('ipv4', number).matching(flow.destination)) {
    for (const route of routes) {
      // Type of service: questions have none, and a route that wants one is for others.
      if (route.tos !== 0 || missed.has(route.destination)) continue
      if (route.type === RouteType.throw) return undefined
      const kind = kindOfRoute(route.type)
      const found = { kind, route, rule: undefined, table: number }
      if (isRejection(kind)) return { ...found, hops: [] }
      const hops = usableHops(view, route, flow)
      if (hops.length > 0) return { ...found, hops }
      // Behind a nexthop object that cannot be used the kernel leaves out all routes of the same first address.
      if (route.nexthopId !== undefined) missed.add(route.destination)
    }
  }
  return undefined
}

/** Ways out that are alive and lead through the interface that the packet is bound to; without one, all that are alive. */
function usableHops(view: FibView, route: Route, flow: RouteFlow): readonly NextHop[] {
  const ignores = (name: string): boolean =>
    ['all', name].some((which) => view.settings.ofInterface('ipv4', which, 'ignore_routes_with_linkdown') === '1')
  const hops = nextHopsOf(route, view.nexthops)
  if (hops.length > 1 && (route.flags & NextHopFlag.dead) !== 0 && hops.every((hop) => hop.flags === 0)) return []
  const alive = hops.filter((hop) => isAlive(view, hop, ignores))
  return flow.output === 0 ? alive : alive.filter((hop) => hop.output === flow.output).slice(0, 1)
}
