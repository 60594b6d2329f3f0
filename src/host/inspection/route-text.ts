/** Routes and rules as lines, in the notation that users of ip-route(8) and ip-rule(8) know. */
import type { Rule } from '../../kernel/index.ts'
import type { InspectedRoute } from './inspection.ts'

/** A route as a line, without its table: `default via 172.17.0.1 dev eth0 proto static metric 100`. */
export function routeText(route: Omit<InspectedRoute, 'text'>): string {
  return [
    ...(route.type === 'unicast' ? [] : [route.type]),
    route.destination,
    ...pair('via', route.gateway),
    ...pair('dev', route.interface),
    'proto',
    route.protocol,
    ...(hasScope(route) ? ['scope', route.scope] : []),
    ...pair('src', route.preferredSource),
    ...(route.metric === 0 ? [] : ['metric', String(route.metric)]),
    ...(route.mtu === null ? [] : ['mtu', String(route.mtu)]),
    ...route.state,
    ...route.nextHops.flatMap((hop) => [
      'nexthop',
      ...pair('via', hop.gateway),
      ...pair('dev', hop.interface),
      'weight',
      String(hop.weight),
      ...hop.state,
    ]),
  ].join(' ')
}

/** IPv6 routes have no scope of their own, and global is what a route has when nothing else is said. */
function hasScope(route: Pick<InspectedRoute, 'family' | 'scope'>): boolean {
  return route.family === 'ipv4' && route.scope !== 'global'
}

/** What a rule's line is made of. */
export interface RuleFacts {
  readonly inverted: boolean
  readonly from: string
  readonly to: string | null
  readonly table: string | null
  readonly action: string
  readonly rule: Rule
}

/** A rule as a line, without its priority: `from 10.0.0.0/8 fwmark 0x1 lookup blue`. */
export function ruleText({ inverted, from, to, table, action, rule }: RuleFacts): string {
  return [
    ...(inverted ? ['not'] : []),
    'from',
    from,
    ...pair('to', to),
    ...(rule.tos === 0 ? [] : ['tos', hex(rule.tos)]),
    ...(rule.mark === undefined && rule.markMask === undefined ? [] : ['fwmark', markText(rule)]),
    ...pair('iif', rule.inputName ?? null),
    ...pair('oif', rule.outputName ?? null),
    ...(rule.l3mdev === 1 ? ['l3mdev'] : []),
    ...(rule.uidRange === undefined ? [] : ['uidrange', `${rule.uidRange.start}-${rule.uidRange.end}`]),
    ...(rule.ipProtocol === undefined ? [] : ['ipproto', protocolName(rule.ipProtocol)]),
    ...(rule.sourcePorts === undefined ? [] : ['sport', portText(rule.sourcePorts)]),
    ...(rule.destinationPorts === undefined ? [] : ['dport', portText(rule.destinationPorts)]),
    ...actionWords(table, action, rule),
    ...suppression(rule),
  ].join(' ')
}

function actionWords(table: string | null, action: string, rule: Rule): string[] {
  if (action === 'lookup') return rule.l3mdev === 1 ? [] : ['lookup', table ?? 'main']
  if (action === 'goto') return ['goto', String(rule.target ?? 0)]
  return [action]
}

/** −1, sent as all bits set, suppresses nothing. */
function suppression({ suppressPrefixLength = -1, suppressGroup = -1 }: Rule): string[] {
  return [
    ...(suppressPrefixLength < 0 ? [] : ['suppress_prefixlength', String(suppressPrefixLength)]),
    ...(suppressGroup < 0 ? [] : ['suppress_ifgroup', String(suppressGroup)]),
  ]
}

function markText({ mark = 0, markMask = 0xffffffff }: Rule): string {
  return markMask === 0xffffffff ? hex(mark) : `${hex(mark)}/${hex(markMask)}`
}

function portText({ start, end }: { readonly start: number; readonly end: number }): string {
  return start === end ? String(start) : `${start}-${end}`
}

function protocolName(number: number): string {
  return { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'ipv6-icmp', 132: 'sctp' }[number] ?? String(number)
}

function hex(value: number): string {
  return `0x${value.toString(16)}`
}

function pair(word: string, value: string | null): string[] {
  return value === null ? [] : [word, value]
}
