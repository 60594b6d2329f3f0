/** Routes and routing rules as lines, in the notation of ip-route(8) and ip-rule(8). */
import {
  NextHopFlag,
  type Route,
  type RouteHop,
  type Rule,
  RuleAction,
  RuleFlag,
  tableOf,
} from '../../../kernel/index.ts'

/** RTN_* by number. */
const TYPES = ['', '', 'local', 'broadcast', 'anycast', 'multicast', 'blackhole', 'unreachable', 'prohibit', 'throw']
/** RT_TABLE_* by number. */
const TABLES: Readonly<Record<number, string>> = { 253: 'default', 254: 'main', 255: 'local' }
const MAIN_TABLE = 254

/** Name of the interface with an index. */
export type InterfaceNames = (index: number) => string

/** A route as a line; with its table, when that is not main: `default via 172.17.0.1 dev eth0 metric 100 table 7`. */
export function textOfRoute(route: Route, nameOf: InterfaceNames): string {
  const type = TYPES[route.type] ?? String(route.type)
  const table = tableOf(route)
  const words = [
    ...(type === '' ? [] : [type]),
    prefix(route.destination, route.destinationLength, route.family, 'default'),
    ...(route.sourceLength === 0 ? [] : ['from', prefix(route.source, route.sourceLength, route.family, 'all')]),
    ...(route.tos === 0 ? [] : ['tos', `0x${route.tos.toString(16)}`]),
    ...(route.nexthopId === undefined ? [] : ['nhid', String(route.nexthopId)]),
    ...gateway(route, route.family),
    ...(route.outputInterface === undefined ? [] : ['dev', nameOf(route.outputInterface)]),
    ...(table === MAIN_TABLE || table === 0 ? [] : ['table', TABLES[table] ?? String(table)]),
    ...(route.preferredSource === undefined ? [] : ['src', route.preferredSource]),
    ...(route.priority === undefined || route.priority === 0 ? [] : ['metric', String(route.priority)]),
    ...(route.metrics?.mtu === undefined ? [] : ['mtu', String(route.metrics.mtu)]),
    ...states(route.flags),
    ...(route.nextHops ?? []).flatMap((hop) => hopWords(hop, route.family, nameOf)),
  ]
  return words.join(' ')
}

/** A rule as a line, with its priority: `32766: from all lookup main`. */
export function textOfRule(rule: Rule): string {
  const { family } = rule
  const words = [
    ...((rule.flags & RuleFlag.invert) === 0 ? [] : ['not']),
    'from',
    prefix(rule.source, rule.sourceLength, family, 'all'),
    ...(rule.destinationLength === 0 ? [] : ['to', prefix(rule.destination, rule.destinationLength, family, 'all')]),
    ...(rule.tos === 0 ? [] : ['tos', `0x${rule.tos.toString(16)}`]),
    ...(rule.mark === undefined && rule.markMask === undefined ? [] : ['fwmark', mark(rule)]),
    ...(rule.inputName === undefined ? [] : ['iif', rule.inputName]),
    ...(rule.outputName === undefined ? [] : ['oif', rule.outputName]),
    ...(rule.uidRange === undefined ? [] : ['uidrange', `${rule.uidRange.start}-${rule.uidRange.end}`]),
    ...(rule.ipProtocol === undefined ? [] : ['ipproto', String(rule.ipProtocol)]),
    ...(rule.sourcePorts === undefined ? [] : ['sport', ports(rule.sourcePorts)]),
    ...(rule.destinationPorts === undefined ? [] : ['dport', ports(rule.destinationPorts)]),
    ...actionOf(rule),
    ...((rule.suppressPrefixLength ?? -1) < 0 ? [] : ['suppress_prefixlength', String(rule.suppressPrefixLength)]),
    ...((rule.suppressGroup ?? -1) < 0 ? [] : ['suppress_ifgroup', String(rule.suppressGroup)]),
  ]
  return `${rule.priority ?? 0}: ${words.join(' ')}`
}

function actionOf(rule: Rule): string[] {
  switch (rule.action) {
    case RuleAction.toTable: {
      if (rule.l3mdev === 1) return ['lookup', '[l3mdev-table]']
      const table = rule.tableId ?? rule.table
      return ['lookup', TABLES[table] ?? String(table)]
    }
    case RuleAction.goto:
      return ['goto', String(rule.target ?? 0)]
    case RuleAction.blackhole:
      return ['blackhole']
    case RuleAction.unreachable:
      return ['unreachable']
    case RuleAction.prohibit:
      return ['prohibit']
    default:
      return ['nop']
  }
}

function hopWords(hop: RouteHop, family: number, nameOf: InterfaceNames): string[] {
  return [
    'nexthop',
    ...gateway(hop, family),
    'dev',
    nameOf(hop.index),
    'weight',
    String(hop.hops + 1),
    ...states(hop.flags),
  ]
}

function gateway({ gateway, via }: Pick<Route, 'gateway' | 'via'>, family: number): string[] {
  if (gateway !== undefined) return ['via', gateway]
  if (via === undefined) return []
  return via.family === family ? ['via', via.address] : ['via', via.family === 10 ? 'inet6' : 'inet', via.address]
}

function states(flags: number): string[] {
  return [
    ...((flags & NextHopFlag.dead) === 0 ? [] : ['dead']),
    ...((flags & NextHopFlag.onLink) === 0 ? [] : ['onlink']),
    ...((flags & NextHopFlag.linkDown) === 0 ? [] : ['linkdown']),
  ]
}

function prefix(address: string | undefined, length: number, family: number, whole: string): string {
  const bits = family === 10 ? 128 : 32
  if (address === undefined) return length === 0 ? whole : `${family === 10 ? '::' : '0.0.0.0'}/${length}`
  return length === bits ? address : `${address}/${length}`
}

function mark({ mark = 0, markMask = 0xffffffff }: Rule): string {
  return markMask === 0xffffffff ? `0x${mark.toString(16)}` : `0x${mark.toString(16)}/0x${markMask.toString(16)}`
}

function ports({ start, end }: { readonly start: number; readonly end: number }): string {
  return start === end ? String(start) : `${start}-${end}`
}
