/** Policy routing: which rules a packet meets, in which order (ip-rule(8), net/core/fib_rules.c). */
import { type Rule, RuleAction, RuleFlag, tableOf } from '../../../kernel/index.ts'
import { addressBits, samePrefix } from './address-bits.ts'
import { type FibView, isVrf } from './fib-view.ts'
import type { RouteFlow } from './route-flow.ts'

/** User of the packets that are asked about: those that come in, or that no socket sends, are root's (sock_net_uid). */
const ROOT = 0

/** The rules that a flow matches, as they are asked; jumps are followed. */
export function* matchingRules(view: FibView, rules: readonly Rule[], flow: RouteFlow): Generator<Rule> {
  for (let at = 0; at < rules.length; at++) {
    let rule = rules[at]!
    // A rule jumps to a later one only (fib_nl_newrule), so this ends.
    while (matches(view, rule, flow) && rule.action === RuleAction.goto) {
      const target = jumpTarget(rules, rule, at)
      if (target === undefined) break
      at = target
      rule = rules[at]!
    }
    if (rule.action !== RuleAction.goto && rule.action !== RuleAction.nop && matches(view, rule, flow)) yield rule
  }
}

/** The table that a rule leads to: that of the packet's VRF for `l3mdev`; undefined when it has none. */
export function tableOfRule(view: FibView, rule: Rule, flow: RouteFlow): number | undefined {
  return rule.l3mdev === 1 ? view.link(flow.vrf)?.info?.vrf?.table : tableOf(rule)
}

function jumpTarget(rules: readonly Rule[], rule: Rule, at: number): number | undefined {
  const target = rules.findIndex((candidate, i) => i > at && (candidate.priority ?? 0) === rule.target)
  return target < 0 ? undefined : target
}

function matches(view: FibView, rule: Rule, flow: RouteFlow): boolean {
  const inverted = (rule.flags & RuleFlag.invert) !== 0
  return matchesSelectors(view, rule, flow) !== inverted
}

function matchesSelectors(view: FibView, rule: Rule, flow: RouteFlow): boolean {
  return (
    matchesInterface(view, rule.inputName, flow.input, flow) &&
    matchesInterface(view, rule.outputName, flow.output, flow) &&
    matchesMark(rule, flow) &&
    rule.tunnelId === undefined &&
    (rule.l3mdev !== 1 || tableOfRule(view, rule, flow) !== undefined) &&
    (rule.uidRange === undefined || within(ROOT, rule.uidRange)) &&
    matchesAddresses(rule, flow) &&
    matchesService(rule) &&
    (rule.ipProtocol === undefined || rule.ipProtocol === flow.protocol) &&
    matchesPort(rule.sourcePorts, rule.sourcePortMask, flow.sourcePort) &&
    matchesPort(rule.destinationPorts, rule.destinationPortMask, flow.destinationPort)
  )
}

/** A rule for an interface that is not there matches nothing; one for a VRF matches what belongs to the VRF. */
function matchesInterface(view: FibView, name: string | undefined, index: number, flow: RouteFlow): boolean {
  if (name === undefined) return true
  const link = view.linkNamed(name)
  if (link === undefined) return false
  return isVrf(link) ? flow.vrf === link.index : index === link.index
}

function matchesMark({ mark = 0, markMask }: Rule, flow: RouteFlow): boolean {
  const mask = markMask ?? (mark === 0 ? 0 : 0xffffffff)
  return ((mark ^ flow.mark) & mask) === 0
}

function matchesAddresses(rule: Rule, flow: RouteFlow): boolean {
  const { family } = flow
  if (rule.destinationLength > 0) {
    const prefix = addressBits(rule.destination ?? zero(flow))
    if (!samePrefix(prefix, flow.destination, rule.destinationLength, family)) return false
  }
  if (rule.sourceLength === 0) return true
  // IPv6 asks such a rule only about packets whose source is chosen (fib6_rule_match).
  if (family === 'ipv6' && !flow.sourceChosen) return false
  return samePrefix(addressBits(rule.source ?? zero(flow)), flow.source, rule.sourceLength, family)
}

/** Questions are about packets of type of service 0. */
function matchesService(rule: Rule): boolean {
  if (rule.dscp !== undefined) return (rule.dscp & (rule.dscpMask ?? 0x3f)) === 0
  if ((rule.flowLabel ?? 0n) !== 0n && Number(rule.flowLabel) !== 0) return false
  return rule.tos === 0
}

function matchesPort(
  range: { readonly start: number; readonly end: number } | undefined,
  mask: number | undefined,
  port: number,
): boolean {
  if (range === undefined || (range.start === 0 && range.end === 0)) return true
  if (mask !== undefined && mask !== 0 && mask !== 0xffff) return ((port ^ range.start) & mask) === 0
  return within(port, range)
}

function within(value: number, range: { readonly start: number; readonly end: number }): boolean {
  return value >= range.start && value <= range.end
}

function zero({ family }: RouteFlow): string {
  return family === 'ipv4' ? '0.0.0.0' : '::'
}
