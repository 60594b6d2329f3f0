/**
 * Watching packets pass the rules of a namespace: a table of our own marks them for tracing, and the kernel then tells which
 * rules they meet. The table belongs to the socket that made it (NFT_TABLE_F_OWNER, Linux 5.12): when the program ends, however
 * it ends, the kernel removes it. `flush ruleset` of others passes over it.
 */

import { parseIp } from '../netlink/address-value.ts'
import { type NetlinkChannel, NetlinkProtocol, openChannel } from '../netlink/channel.ts'
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message.ts'
import { NetlinkMonitor } from '../netlink/monitor.ts'
import type { AnyRequest } from '../netlink/socket.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import type { NfExpression } from './expression.ts'
import { NfTablesMessage, nfChain, nfRule, nfTable } from './nf-tables-message.ts'
import { type FilterTraceEvent, nfTrace, traceEventOf } from './trace-event.ts'
import { carryOut } from './transaction.ts'

/** Which packets to trace: those that have all of the fields given. */
export interface FilterTraceMatch {
  readonly family: 'ipv4' | 'ipv6'
  /** IP protocol number. */
  readonly protocol: number
  readonly source?: string
  readonly destination?: string
  readonly sourcePort?: number
  readonly destinationPort?: number
  /** Identifier of an ICMP or ICMPv6 echo. */
  readonly icmpId?: number
}

/** Where to begin. */
export interface FilterTraceOptions {
  /** Frames that pass bridges too, before the bridge's own rules. */
  readonly bridge?: boolean
}

/** What the iterator yields. `gap`: the kernel told more than could be taken; steps are missing. */
export type FilterTraceItem = { readonly kind: 'event'; readonly event: FilterTraceEvent } | { readonly kind: 'gap' }

/** Before defragmentation (−400) and tables `raw` that run before it (−450). */
const PRIORITY = -500
const TABLE_OWNER = 2
/** NFNLGRP_NFTRACE is 9; bit n − 1 of the mask of bind(2). */
const TRACE_GROUP = 1 << 8
const Family = { inet: 1, bridge: 7 } as const
const hookNumbers = { prerouting: 0, output: 3 } as const

let opened = 0

/** An open trace: its events, until it is closed. */
export class FilterTrace implements AsyncIterable<FilterTraceItem> {
  /** Name of the table; its own steps are among the events. */
  readonly table: string
  readonly #channel: NetlinkChannel
  readonly #monitor: NetlinkMonitor<FilterTraceEvent>

  constructor(table: string, channel: NetlinkChannel, monitor: NetlinkMonitor<FilterTraceEvent>) {
    this.table = table
    this.#channel = channel
    this.#monitor = monitor
  }

  /** Takes what the kernel has told so far, without waiting. */
  poll(): FilterTraceItem[] {
    return this.#monitor
      .poll()
      .flatMap((item): FilterTraceItem[] =>
        item.kind === 'gap' ? [item] : item.announcements.map(({ value }) => ({ kind: 'event', event: value })),
      )
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FilterTraceItem> {
    for await (const item of this.#monitor) {
      if (item.kind === 'gap') yield item
      else for (const { value } of item.announcements) yield { kind: 'event', event: value }
    }
  }

  /** Ends the iteration and removes the table. */
  close(): void {
    this.#monitor.close()
    this.#channel.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/**
 * Begins to trace the packets that any of `matches` describes, in `namespace`.
 * @throws NetlinkError EPERM without CAP_NET_ADMIN, EOPNOTSUPP when the kernel has no tables with owners
 */
export function openFilterTrace(
  namespace: NamespaceHandle,
  matches: readonly FilterTraceMatch[],
  { bridge = false }: FilterTraceOptions = {},
): FilterTrace {
  const table = `netwright-trace-${process.pid}-${++opened}`
  const monitor = new NetlinkMonitor<FilterTraceEvent>({
    protocol: NetlinkProtocol.netfilter,
    groups: TRACE_GROUP,
    namespace,
    decode({ type }, bytes, offset, length) {
      const message = type === NfTablesMessage.trace ? nfTrace.read(bytes, offset, length) : undefined
      return message === undefined ? undefined : traceEventOf(message)
    },
  })
  let channel: NetlinkChannel | undefined
  try {
    channel = openChannel({ protocol: NetlinkProtocol.netfilter, namespace })
    const families = bridge ? [Family.inet, Family.bridge] : [Family.inet]
    carryOut(
      channel,
      families.flatMap((family) => tableRequests(family, table, matches)),
      namespace.label,
    )
    return new FilterTrace(table, channel, monitor)
  } catch (error) {
    channel?.close()
    monitor.close()
    throw error
  }
}

function tableRequests(family: number, table: string, matches: readonly FilterTraceMatch[]): AnyRequest[] {
  const hooks = ['prerouting', 'output'] as const
  return [
    {
      operation: 'NFT_MSG_NEWTABLE',
      type: NfTablesMessage.newTable,
      flags: NLM_F_CREATE | NLM_F_EXCL,
      kind: nfTable,
      body: { family, name: table, flags: TABLE_OWNER },
    },
    ...hooks.map((hook) => ({
      operation: 'NFT_MSG_NEWCHAIN',
      type: NfTablesMessage.newChain,
      flags: NLM_F_CREATE,
      kind: nfChain,
      body: {
        family,
        table,
        name: hook,
        hook: { number: hookNumbers[hook], priority: PRIORITY >>> 0 },
        policy: 1,
        type: 'filter',
      },
    })),
    ...hooks.flatMap((chain) =>
      matches.map((match) => ({
        operation: 'NFT_MSG_NEWRULE',
        type: NfTablesMessage.newRule,
        flags: NLM_F_CREATE | NLM_F_APPEND,
        kind: nfRule,
        body: { family, table, chain, expressions: [...conditions(match), ...markForTracing] },
      })),
    ),
  ]
}

const REGISTER = 1

const markForTracing: readonly NfExpression[] = [
  { kind: 'immediate', dreg: REGISTER, data: { value: Buffer.from([1]) } },
  { kind: 'meta', key: 'nftrace', sreg: REGISTER },
]

function conditions(match: FilterTraceMatch): NfExpression[] {
  const v4 = match.family === 'ipv4'
  const addressLength = v4 ? 4 : 16
  const source = v4 ? 12 : 8
  return [
    { kind: 'meta', dreg: REGISTER, key: 'protocol' },
    equals(uint16(v4 ? 0x0800 : 0x86dd)),
    { kind: 'meta', dreg: REGISTER, key: 'l4proto' },
    equals(Buffer.from([match.protocol])),
    ...field('network', source, addressLength, match.source === undefined ? undefined : parseIp(match.source)),
    ...field(
      'network',
      source + addressLength,
      addressLength,
      match.destination === undefined ? undefined : parseIp(match.destination),
    ),
    ...field('transport', 0, 2, uint16(match.sourcePort)),
    ...field('transport', 2, 2, uint16(match.destinationPort)),
    ...field('transport', 4, 2, uint16(match.icmpId)),
  ]
}

function field(
  base: 'network' | 'transport',
  offset: number,
  length: number,
  value: Buffer | undefined,
): NfExpression[] {
  return value === undefined ? [] : [{ kind: 'payload', dreg: REGISTER, base, offset, length }, equals(value)]
}

function equals(value: Buffer): NfExpression {
  return { kind: 'cmp', sreg: REGISTER, op: '==', data: { value } }
}

function uint16(value: number): Buffer
function uint16(value: number | undefined): Buffer | undefined
function uint16(value: number | undefined): Buffer | undefined {
  return value === undefined ? undefined : Buffer.from([value >>> 8, value & 0xff])
}
