/** What nf_tables tells of a packet that is traced (`meta nftrace set 1`): NFT_MSG_TRACE, multicast to NFNLGRP_NFTRACE. */
import { attribute, attributes } from '../netlink/attributes.ts'
import { type MessageOf, messageKind } from '../netlink/message.ts'
import { be16, be32, be64, raw, string } from '../netlink/value.ts'
import { word } from '../rtnetlink/word.ts'
import { type NfVerdict, nfVerdict } from './nf-data.ts'
import type { NfFamily } from './nf-table.ts'
import { nfnetlinkHeader } from './nf-tables-message.ts'
import { familyOf } from './rule-set.ts'

/** NFTA_TRACE_* */
export const nfTrace = messageKind(
  nfnetlinkHeader,
  attributes({
    table: attribute(1, string),
    chain: attribute(2, string),
    ruleHandle: attribute(3, be64),
    type: attribute(4, word(be32, ['', 'policy', 'return', 'rule'])),
    verdict: attribute(5, nfVerdict),
    id: attribute(6, be32),
    link: attribute(7, raw),
    network: attribute(8, raw),
    transport: attribute(9, raw),
    iif: attribute(10, be32),
    iifType: attribute(11, be16),
    oif: attribute(12, be32),
    oifType: attribute(13, be16),
    mark: attribute(14, be32),
    protocolFamily: attribute(15, be32),
    policy: attribute(16, be32),
  }),
)

/** One step of a traced packet. */
export interface FilterTraceEvent {
  /** The same for all steps of one packet in one namespace, as long as no rule changes what it is made of. */
  readonly id: number
  readonly family: NfFamily
  readonly table: string
  readonly chain: string
  /** A rule was applied; a chain of the user's came to its end; a base chain's policy was applied. */
  readonly kind: 'rule' | 'return' | 'policy'
  /** Of a rule. */
  readonly ruleHandle: number | undefined
  /** What the rule, or the policy, said. */
  readonly verdict: NfVerdict
  /** Headers, which come with the first step of a packet in each base chain. */
  readonly headers: {
    readonly link: Buffer | undefined
    readonly network: Buffer | undefined
    readonly transport: Buffer | undefined
  }
  /** Interface indices. */
  readonly iif: number | undefined
  readonly oif: number | undefined
  /** Undefined when it is zero. */
  readonly mark: number | undefined
}

/** Reads a message; undefined when it lacks what every one has. */
export function traceEventOf(message: MessageOf<typeof nfTrace>): FilterTraceEvent | undefined {
  const { table, chain, type, id } = message
  const family = familyOf(message.family)
  if (family === undefined || table === undefined || chain === undefined || id === undefined) return undefined
  if (type !== 'rule' && type !== 'return' && type !== 'policy') return undefined
  // The end of a chain's rules is told as a rule that there is not.
  if (type === 'rule' && message.ruleHandle === undefined) return undefined
  return {
    id,
    family,
    table,
    chain,
    kind: type,
    ruleHandle: message.ruleHandle === undefined ? undefined : Number(message.ruleHandle),
    verdict: message.verdict ?? (message.policy === 0 ? { kind: 'drop' } : { kind: 'accept' }),
    headers: { link: message.link, network: message.network, transport: message.transport },
    iif: message.iif,
    oif: message.oif,
    mark: message.mark,
  }
}
