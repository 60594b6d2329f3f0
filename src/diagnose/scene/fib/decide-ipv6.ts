/** Rules and tables of IPv6 (fib6_rule_lookup, fib6_table_lookup; net/ipv6/fib6_rules.c, route.c, ip6_fib.c). */
import { NeighbourState, type Route, RouteType, type Rule } from '../../../kernel/index.ts'
import { addressBits, samePrefix } from './address-bits.ts'
import { type Decision, decisionOfRule, isRejection, isSuppressed, kindOfRoute, NO_ROUTE } from './decision.ts'
import { type FibView, LOOPBACK_INDEX } from './fib-view.ts'
import { isAlive, type NextHop, nextHopsOf } from './next-hop.ts'
import { matchingRules, tableOfRule } from './policy.ts'
import type { RouteFlow } from './route-flow.ts'
import type { TableSet } from './table-set.ts'

/** How routes of one prefix are compared. */
interface Preference {
  /** Interface that a route should lead through: the one that the packet is bound to, or came in by; 0 for any. */
  readonly output: number
  /** Routes through others do not count at all. */
  readonly strict: boolean
  /** A gateway that does not answer does not count: hosts ask for that, routers do not (RFC 4861 section 6.3.6). */
  readonly reachable: boolean
}

/** Finds the route that a flow takes. */
export function decideIpv6(view: FibView, tables: TableSet, flow: RouteFlow): Decision {
  for (const rule of matchingRules(view, view.rules('ipv6'), flow)) {
    const decision = decisionOfRule(rule) ?? lookUpTable(view, tables, tableOfRule(view, rule, flow), flow)
    if (decision !== undefined && !(!isRejection(decision.kind) && suppresses(view, rule, decision))) return decision
  }
  return NO_ROUTE
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
  const preference = preferenceOf(view, flow)
  const chosen =
    select(view, tables, number, flow, preference) ??
    (preference.reachable ? select(view, tables, number, flow, { ...preference, reachable: false }) : undefined)
  if (chosen === undefined || chosen.route.type === RouteType.throw) return undefined
  const { route, hops } = chosen
  const kind = kindOfRoute(route.type)
  return { kind, route, rule: undefined, table: number, hops: isRejection(kind) ? [] : hops }
}

function preferenceOf(view: FibView, flow: RouteFlow): Preference {
  const cameIn = flow.input !== LOOPBACK_INDEX
  return {
    output: cameIn ? flow.input : flow.output,
    strict: isOfTheLink(flow.destination) || (!cameIn && flow.output !== 0 && !flow.sourceChosen),
    reachable: (view.settings.ofInterface('ipv6', 'all', 'forwarding') ?? '0') === '0',
  }
}

/** Multicast, link-local and loopback addresses mean something on one link only (rt6_need_strict). */
function isOfTheLink(destination: bigint): boolean {
  return destination >> 120n === 0xffn || destination >> 118n === 0x3fan || destination === 1n
}

interface Chosen {
  readonly route: Route
  readonly hops: readonly NextHop[]
}

function select(
  view: FibView,
  tables: TableSet,
  number: number,
  flow: RouteFlow,
  preference: Preference,
): Chosen | undefined {
  let landed = false
  for (const { length, routes } of tables.table('ipv6', number).matching(flow.destination)) {
    const groups = bySource(routes, flow)
    // Going down the tree, the kernel passes over a prefix that has routes for certain sources when none of them is for this
    // one, even if it has a route for all as well; coming back up, it does not (fib6_node_lookup_1, fib6_backtrack).
    if (!landed && length > 0 && isForOthers(routes, groups)) continue
    landed ||= groups.length > 0
    for (const group of groups) {
      const chosen = selectAmong(view, group, preference)
      if (chosen !== undefined) return chosen
    }
  }
  return undefined
}

function isForOthers(routes: readonly Route[], groups: readonly (readonly Route[])[]): boolean {
  return routes.some(({ sourceLength }) => sourceLength > 0) && groups.every(([first]) => first?.sourceLength === 0)
}

/** Routes for the flow's source, the longest source prefix first (RFC 8043; CONFIG_IPV6_SUBTREES), those for all last. */
function bySource(routes: readonly Route[], flow: RouteFlow): readonly (readonly Route[])[] {
  const groups = new Map<number, Route[]>()
  for (const route of routes) {
    const { sourceLength: length, source } = route
    if (length > 0 && !samePrefix(addressBits(source ?? '::'), flow.source, length, 'ipv6')) continue
    const group = groups.get(length)
    if (group === undefined) groups.set(length, [route])
    else group.push(route)
  }
  return [...groups].sort(([a], [b]) => b - a).map(([, group]) => group)
}

/** The best of the lowest metric; if none of those can be taken, the best of all others (find_rr_leaf). */
function selectAmong(view: FibView, routes: readonly Route[], preference: Preference): Chosen | undefined {
  const metric = routes[0]?.priority
  const first = routes.filter((route) => route.priority === metric)
  const rest = routes.filter((route) => route.priority !== metric)
  return best(view, first, preference) ?? best(view, rest, preference)
}

function best(view: FibView, routes: readonly Route[], preference: Preference): Chosen | undefined {
  let chosen: Chosen | undefined
  let highest = -1
  for (const route of routes) {
    const hops = nextHopsOf(route, view.nexthops)
    const scored = hops.map((hop) => ({ hop, score: score(view, route, hop, preference) }))
    const alive = scored.filter(({ score }) => score >= 0)
    const top = Math.max(-1, ...alive.map(({ score }) => score))
    if (top <= highest) continue
    highest = top
    chosen = { route, hops: alive.map(({ hop }) => hop) }
  }
  return chosen
}

/** Preference of a router as RFC 4191 has it on the wire: 0 medium, 1 high, 3 low; as a rank. */
const ROUTER_RANK: Readonly<Record<number, number>> = { 0: 2, 1: 3, 3: 1 }

/** Below 0: cannot be taken (rt6_score_route, find_match). */
function score(view: FibView, route: Route, hop: NextHop, { output, strict, reachable }: Preference): number {
  const ignores = (name: string): boolean =>
    view.settings.ofInterface('ipv6', name, 'ignore_routes_with_linkdown') === '1'
  if (!isAlive(view, hop, ignores)) return -1
  const fits = output === 0 || hop.output === output
  if (!fits && strict) return -1
  if (reachable && hop.gateway !== undefined && isUnreachable(view, hop)) return -1
  return (fits ? 2 : 0) + ((ROUTER_RANK[route.preference ?? 0] ?? 2) << 2)
}

function isUnreachable(view: FibView, { gateway, output }: NextHop): boolean {
  const entry = view.neighbours.find(({ destination, index }) => destination === gateway && index === output)
  return entry !== undefined && (entry.state & NeighbourState.failed) !== 0
}
