/** Routes of every table, and the rules that choose between the tables. */
import {
  AddressFamily,
  listRoutes,
  listRules,
  NextHopFlag,
  type Route,
  type Rule,
  RuleFlag,
  tableOf,
} from '../../kernel/index.ts'
import type { InspectedHop, InspectedRoute, InspectedRule } from './inspection.ts'
import { flagNames, RouteTableNames, routeProtocol, routeType, scopeName } from './kernel-words.ts'
import type { PartContext } from './part-context.ts'
import { routeText, ruleText } from './route-text.ts'

const HOP_STATES = {
  dead: NextHopFlag.dead,
  pervasive: NextHopFlag.pervasive,
  onlink: NextHopFlag.onLink,
  offload: NextHopFlag.offload,
  linkdown: NextHopFlag.linkDown,
}

/** Actions of a rule by number (FR_ACT_*, linux/fib_rules.h). */
const RULE_ACTIONS: Readonly<Record<number, string>> = {
  1: 'lookup',
  2: 'goto',
  3: 'nop',
  6: 'blackhole',
  7: 'unreachable',
  8: 'prohibit',
}

/** Routes of all tables in the kernel's order: IPv4, then IPv6. */
export function readRoutes({ route, interfaceName }: PartContext, names = RouteTableNames.ofHost()): InspectedRoute[] {
  return listRoutes(route).map((row) => inspectedRoute(row, interfaceName, names))
}

/** Rules in the order in which the kernel asks them. */
export function readRules({ route }: PartContext, names = RouteTableNames.ofHost()): InspectedRule[] {
  return listRules(route).map((rule) => inspectedRule(rule, names))
}

function inspectedRoute(
  route: Route,
  interfaceName: PartContext['interfaceName'],
  names: RouteTableNames,
): InspectedRoute {
  const tableNumber = tableOf(route)
  const facts = {
    family: familyName(route.family),
    table: names.of(tableNumber),
    tableNumber,
    type: routeType(route.type),
    destination: prefix(route.destination, route.destinationLength, 'default', route.family),
    gateway: route.gateway ?? route.via?.address ?? null,
    interface: route.outputInterface === undefined ? null : interfaceName(route.outputInterface),
    preferredSource: route.preferredSource ?? null,
    metric: route.priority ?? 0,
    protocol: routeProtocol(route.protocol),
    scope: scopeName(route.scope),
    mtu: route.metrics?.mtu ?? null,
    nextHops: (route.nextHops ?? []).map(
      (hop): InspectedHop => ({
        gateway: hop.gateway ?? hop.via?.address ?? null,
        interface: interfaceName(hop.index),
        weight: hop.hops + 1,
        state: flagNames(hop.flags, HOP_STATES),
      }),
    ),
    state: flagNames(route.flags, HOP_STATES),
  }
  return { ...facts, text: routeText(facts) }
}

function inspectedRule(rule: Rule, names: RouteTableNames): InspectedRule {
  const number = tableOf(rule)
  const action = RULE_ACTIONS[rule.action] ?? String(rule.action)
  const facts = {
    inverted: (rule.flags & RuleFlag.invert) !== 0,
    from: prefix(rule.source, rule.sourceLength, 'all', rule.family),
    to: rule.destination === undefined ? null : prefix(rule.destination, rule.destinationLength, 'all', rule.family),
    table: number === 0 ? null : names.of(number),
    action,
    rule,
  }
  return {
    family: familyName(rule.family),
    priority: rule.priority ?? 0,
    action,
    table: facts.table,
    text: ruleText(facts),
  }
}

function familyName(family: number): 'ipv4' | 'ipv6' {
  return family === AddressFamily.inet6 ? 'ipv6' : 'ipv4'
}

/** An address with its length, which is left out when all bits count. */
function prefix(address: string | undefined, length: number, whole: string, family: number): string {
  if (address === undefined) return length === 0 ? whole : `0/${length}`
  return length === (family === AddressFamily.inet6 ? 128 : 32) ? address : `${address}/${length}`
}
