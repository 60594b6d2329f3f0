/** Rules that pick the routing table: RTM_NEWRULE, RTM_DELRULE, RTM_GETRULE (ip-rule(8), linux/fib_rules.h). */
import { ip } from '../netlink/address-value.ts'
import { attribute, attributes } from '../netlink/attributes.ts'
import { type MessageOf, messageKind, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message.ts'
import type { NetlinkSocket, Request } from '../netlink/socket.ts'
import { be32, be64, pad, s32, string, struct, u8, u16, u32 } from '../netlink/value.ts'
import { RouteMessage } from './message-type.ts'
import { AddressFamily } from './prefix.ts'

/** struct fib_rule_hdr. `table` holds numbers below 256 only; the attribute `tableId` has them all. */
const ruleHeader = struct({
  family: u8,
  destinationLength: u8,
  sourceLength: u8,
  tos: u8,
  table: u8,
  padding: pad(2),
  action: u8,
  flags: u32,
})

const portRange = struct({ start: u16, end: u16 })

/** A rule message. */
export const ruleKind = messageKind(
  ruleHeader,
  attributes({
    destination: attribute(1, ip),
    source: attribute(2, ip),
    inputName: attribute(3, string),
    /** Priority of the rule that action `goto` jumps to. */
    target: attribute(4, u32),
    priority: attribute(6, u32),
    mark: attribute(10, u32),
    flow: attribute(11, u32),
    tunnelId: attribute(12, be64),
    /** Leave out routes out of this interface group; −1 suppresses nothing. */
    suppressGroup: attribute(13, s32),
    /** Leave out routes whose prefix is not longer than this; −1 suppresses nothing. */
    suppressPrefixLength: attribute(14, s32),
    tableId: attribute(15, u32),
    markMask: attribute(16, u32),
    outputName: attribute(17, string),
    /** 1: take the table of the VRF that the packet belongs to. */
    l3mdev: attribute(19, u8),
    uidRange: attribute(20, struct({ start: u32, end: u32 })),
    protocol: attribute(21, u8),
    ipProtocol: attribute(22, u8),
    sourcePorts: attribute(23, portRange),
    destinationPorts: attribute(24, portRange),
    dscp: attribute(25, u8),
    flowLabel: attribute(26, be32),
    flowLabelMask: attribute(27, be32),
    sourcePortMask: attribute(28, u16),
    destinationPortMask: attribute(29, u16),
    dscpMask: attribute(30, u8),
  }),
)
/** A rule. Those of every namespace: 0 for table local, 32766 for main, 32767 for default; 0 has no `priority` attribute. */
export type Rule = MessageOf<typeof ruleKind>

/** What a rule does (FR_ACT_*). */
export const RuleAction = { toTable: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 } as const

/** Bits of a rule's `flags` (FIB_RULE_*): told by the kernel, but `invert`, which is the user's `not`. */
export const RuleFlag = {
  permanent: 0x1,
  invert: 0x2,
  unresolved: 0x4,
  inputDetached: 0x8,
  outputDetached: 0x10,
} as const

/** Rules of the socket's namespace, in the order in which the kernel asks them: IPv4, then IPv6, unless one is named. */
export function listRules(socket: NetlinkSocket, options: { family?: number } = {}): Rule[] {
  const families = options.family === undefined ? [AddressFamily.inet, AddressFamily.inet6] : [options.family]
  return families.flatMap((family) =>
    socket.dump({
      operation: 'RTM_GETRULE',
      type: RouteMessage.getRule,
      kind: ruleKind,
      body: { family },
      reply: ruleKind,
    }),
  )
}

/** A request that adds a rule: look up `tableId` unless `action` says otherwise. EEXIST when there is the same. */
export function newRuleRequest(rule: Partial<Rule>): Request<Rule> {
  return {
    operation: `RTM_NEWRULE ${rule.priority ?? ''}`.trimEnd(),
    type: RouteMessage.newRule,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    kind: ruleKind,
    body: { family: AddressFamily.inet, action: RuleAction.toTable, ...rule },
  }
}

/** A request that deletes the first rule that has everything that `rule` says. */
export function deleteRuleRequest(rule: Partial<Rule>): Request<Rule> {
  return {
    operation: `RTM_DELRULE ${rule.priority ?? ''}`.trimEnd(),
    type: RouteMessage.deleteRule,
    kind: ruleKind,
    body: { family: AddressFamily.inet, ...rule },
  }
}
