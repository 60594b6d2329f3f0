/** `ip rule add|del …` (ip-rule(8)). */
import { RouteTable, type Rule, RuleAction, RuleFlag } from '../../../kernel/index.ts'
import { FAMILY_NUMBER } from '../../scene/fib/address-bits.ts'
import { textOfRule } from '../../scene/fib/route-text.ts'
import type { Family, Place } from '../../scene/place.ts'
import type { SceneChange } from '../supposed-scene.ts'
import { WhatIfError } from '../what-if-error.ts'
import type { WordReader } from '../words.ts'
import type { IpCommand } from './ip-command.ts'
import { prefixOf } from './prefix-word.ts'
import { tableNumber } from './table-word.ts'

type Fields = { -readonly [K in keyof Rule]?: Rule[K] }

const ACTIONS: Readonly<Record<string, number>> = {
  blackhole: RuleAction.blackhole,
  unreachable: RuleAction.unreachable,
  prohibit: RuleAction.prohibit,
  nop: RuleAction.nop,
}
const PROTOCOLS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58, icmpv6: 58, sctp: 132 }

/** Supposes it. @throws WhatIfError */
export function supposeRule({ place, words, family: said }: IpCommand): SceneChange {
  const verb = words.next('add or del')
  const { family, fields, given } = readRule(words, said)
  const rules = place.rules(family)
  if (['del', 'delete', 'd'].includes(verb)) {
    const gone = rules.find((rule) =>
      [...given].every((key) => JSON.stringify(rule[key] ?? 0) === JSON.stringify(fields[key] ?? 0)),
    )
    if (gone === undefined || given.size === 0) throw new WhatIfError(`${place.label} has no such rule`)
    return change(
      place,
      family,
      rules.filter((rule) => rule !== gone),
    )
  }
  if (verb !== 'add' && verb !== 'a') words.refuse(verb)
  const rule: Rule = {
    family: FAMILY_NUMBER[family],
    destinationLength: 0,
    sourceLength: 0,
    tos: 0,
    table: RouteTable.main,
    action: RuleAction.toTable,
    flags: 0,
    ...fields,
    priority: fields.priority ?? usualPriority(rules),
  }
  const before = rules.filter((other) => (other.priority ?? 0) <= (rule.priority ?? 0))
  if (before.some((other) => textOfRule(other) === textOfRule(rule)))
    throw new WhatIfError(`${place.label} has that rule already`)
  return change(place, family, [...before, rule, ...rules.slice(before.length)])
}

function change(place: Place, family: Family, rules: readonly Rule[]): SceneChange {
  return { places: new Map([[place.inode, { rules: { [family]: rules } }]]) }
}

/** In front of the second rule (fib_default_rule_pref). */
function usualPriority(rules: readonly Rule[]): number {
  const second = rules[1]?.priority ?? 0
  return second > 0 ? second - 1 : 0
}

function readRule(
  words: WordReader,
  said: Family | undefined,
): { family: Family; fields: Fields; given: Set<keyof Rule> } {
  const fields: Fields = {}
  let family: Family = said ?? 'ipv4'
  while (!words.done) {
    const word = words.next('a word')
    switch (word) {
      case 'not':
        fields.flags = RuleFlag.invert
        break
      case 'from':
      case 'to': {
        const { address, length, family: own } = prefixOf('ip rule', words.next(`the prefix behind ${word}`), family)
        family = own
        Object.assign(fields, sideOf(word, address, length))
        break
      }
      case 'iif':
      case 'dev':
        fields.inputName = words.next('the interface behind iif')
        break
      case 'oif':
        fields.outputName = words.next('the interface behind oif')
        break
      case 'fwmark':
        Object.assign(fields, markOf(words))
        break
      case 'pref':
      case 'priority':
      case 'preference':
      case 'order':
        fields.priority = words.number('the priority')
        break
      case 'table':
      case 'lookup':
        fields.tableId = tableNumber(words)
        fields.table = fields.tableId < 256 ? fields.tableId : RouteTable.compat
        break
      case 'suppress_prefixlength':
      case 'sup_pl':
        fields.suppressPrefixLength = words.number('the length')
        break
      case 'suppress_ifgroup':
      case 'sup_group':
        fields.suppressGroup = words.number('the group')
        break
      case 'ipproto':
        fields.ipProtocol = protocolOf(words)
        break
      case 'sport':
        fields.sourcePorts = portsOf(words)
        break
      case 'dport':
        fields.destinationPorts = portsOf(words)
        break
      case 'uidrange':
        fields.uidRange = rangeOf(words, 'the range of users')
        break
      case 'tos':
      case 'dsfield':
        fields.tos = words.number('the type of service')
        break
      case 'l3mdev':
        fields.l3mdev = 1
        break
      case 'goto':
        fields.action = RuleAction.goto
        fields.target = words.number('the priority behind goto')
        break
      case 'type':
        break
      default: {
        const action = ACTIONS[word]
        if (action === undefined) words.refuse(word)
        fields.action = action
      }
    }
  }
  return { family, fields, given: new Set(Object.keys(fields) as (keyof Rule)[]) }
}

function sideOf(word: 'from' | 'to', address: string | undefined, length: number): Fields {
  const found = address === undefined ? {} : word === 'from' ? { source: address } : { destination: address }
  return { ...found, ...(word === 'from' ? { sourceLength: length } : { destinationLength: length }) }
}

function markOf(words: WordReader): Fields {
  const word = words.next('the mark behind fwmark')
  const [value, mask] = word.split('/')
  const numbers = [Number(value), mask === undefined ? 0xffffffff : Number(mask)]
  if (numbers.some((number) => !Number.isInteger(number) || number < 0)) words.refuse(word)
  return { mark: numbers[0]!, markMask: numbers[1]! }
}

function protocolOf(words: WordReader): number {
  const known = words.take(...Object.keys(PROTOCOLS))
  return known === undefined ? words.number('the protocol') : PROTOCOLS[known]!
}

function portsOf(words: WordReader): { start: number; end: number } {
  return rangeOf(words, 'the ports')
}

function rangeOf(words: WordReader, what: string): { start: number; end: number } {
  const word = words.next(what)
  const [start, end = start] = word.split('-').map(Number)
  if (start === undefined || end === undefined || !Number.isInteger(start) || !Number.isInteger(end)) words.refuse(word)
  return { start, end }
}
