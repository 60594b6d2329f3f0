/** A tracked connection as people think of it: two directions, a state, and what address translation did to it. */
import type { AttributesOf } from '../netlink/attributes.ts'
import type { MessageOf } from '../netlink/message.ts'
import type { conntrackEntry, conntrackTuple } from './conntrack-message.ts'

/** One direction of a connection. */
export interface FlowTuple {
  readonly source: string
  readonly destination: string
  /** IP protocol number: 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6. */
  readonly protocol: number
  /** Undefined for protocols without ports. */
  readonly sourcePort: number | undefined
  readonly destinationPort: number | undefined
  /** Of an ICMP or ICMPv6 exchange. */
  readonly icmp: { readonly id: number; readonly type: number; readonly code: number } | undefined
}

/** An address and, for protocols that have them, a port. */
export interface TranslatedAddress {
  readonly address: string
  readonly port: number | undefined
}

/** What became of the connection (enum ip_conntrack_status). */
export type ConnectionStatus =
  | 'expected'
  | 'seen-reply'
  | 'assured'
  | 'confirmed'
  | 'source-nat'
  | 'destination-nat'
  | 'sequence-adjusted'
  | 'source-nat-done'
  | 'destination-nat-done'
  | 'dying'
  | 'fixed-timeout'
  | 'template'
  | 'untracked'
  | 'helper'
  | 'offload'
  | 'hardware-offload'

/** Packets and bytes of one direction; the kernel counts when net.netfilter.nf_conntrack_acct is 1. */
export interface FlowCounters {
  readonly packets: bigint
  readonly bytes: bigint
}

/** One entry of the connection table. */
export interface Connection {
  readonly family: 'ipv4' | 'ipv6'
  readonly original: FlowTuple
  /** What the answer is expected to look like; differs from the turned-round original where addresses are translated. */
  readonly reply: FlowTuple
  readonly status: readonly ConnectionStatus[]
  /** Of TCP, as `conntrack` writes it: `ESTABLISHED`. */
  readonly tcpState: string | undefined
  /** Seconds until the entry is forgotten without another packet. */
  readonly timeout: number | undefined
  readonly mark: number
  readonly zone: number
  /** Distinguishes the entry from an earlier one of the same tuple. */
  readonly id: number | undefined
  readonly counters: { readonly original: FlowCounters | undefined; readonly reply: FlowCounters | undefined }
  readonly helper: string | undefined
  /** Where the source address was changed: what the destination sees instead. */
  readonly sourceNat: TranslatedAddress | undefined
  /** Where the destination address was changed: who really answers. */
  readonly destinationNat: TranslatedAddress | undefined
}

/** Number of IPv4 and IPv6 as address families. */
export const ADDRESS_FAMILY = { ipv4: 2, ipv6: 10 } as const

const STATUS: readonly ConnectionStatus[] = [
  'expected',
  'seen-reply',
  'assured',
  'confirmed',
  'source-nat',
  'destination-nat',
  'sequence-adjusted',
  'source-nat-done',
  'destination-nat-done',
  'dying',
  'fixed-timeout',
  'template',
  'untracked',
  'helper',
  'offload',
  'hardware-offload',
]

/** enum tcp_conntrack (linux/netfilter/nf_conntrack_tcp.h) */
const TCP_STATES = [
  'NONE',
  'SYN_SENT',
  'SYN_RECV',
  'ESTABLISHED',
  'FIN_WAIT',
  'CLOSE_WAIT',
  'LAST_ACK',
  'TIME_WAIT',
  'CLOSE',
  'SYN_SENT2',
]

type Entry = MessageOf<typeof conntrackEntry>
type Tuple = AttributesOf<(typeof conntrackTuple)['fields']>

/** Reads a decoded entry; undefined when it lacks the tuples that every entry of a sane kernel has. */
export function connectionOf(entry: Entry): Connection | undefined {
  const original = tupleOf(entry.original)
  const reply = tupleOf(entry.reply)
  if (original === undefined || reply === undefined) return undefined
  return {
    family: entry.original?.ip?.sourceV4 === undefined ? 'ipv6' : 'ipv4',
    original,
    reply,
    status: STATUS.filter((_, bit) => ((entry.status ?? 0) & (1 << bit)) !== 0),
    tcpState: tcpState(entry),
    timeout: entry.timeout,
    mark: entry.mark ?? 0,
    zone: entry.zone ?? 0,
    id: entry.id,
    counters: { original: countersOf(entry.countersOriginal), reply: countersOf(entry.countersReply) },
    helper: entry.helper?.name,
    sourceNat: translated(original.source, original.sourcePort, reply.destination, reply.destinationPort),
    destinationNat: translated(original.destination, original.destinationPort, reply.source, reply.sourcePort),
  }
}

/** The wire's form of a direction, for requests about one connection. */
export function tupleFor(flow: FlowTuple): Tuple {
  const v6 = flow.source.includes(':')
  const { icmp } = flow
  return {
    ip: v6
      ? { sourceV6: flow.source, destinationV6: flow.destination }
      : { sourceV4: flow.source, destinationV4: flow.destination },
    protocol: {
      number: flow.protocol,
      ...(flow.sourcePort === undefined ? {} : { sourcePort: flow.sourcePort }),
      ...(flow.destinationPort === undefined ? {} : { destinationPort: flow.destinationPort }),
      ...(icmp === undefined
        ? {}
        : v6
          ? { icmpv6Id: icmp.id, icmpv6Type: icmp.type, icmpv6Code: icmp.code }
          : { icmpId: icmp.id, icmpType: icmp.type, icmpCode: icmp.code }),
    },
  }
}

function tupleOf(tuple: Tuple | undefined): FlowTuple | undefined {
  const source = tuple?.ip?.sourceV4 ?? tuple?.ip?.sourceV6
  const destination = tuple?.ip?.destinationV4 ?? tuple?.ip?.destinationV6
  const protocol = tuple?.protocol
  if (source === undefined || destination === undefined || protocol?.number === undefined) return undefined
  const id = protocol.icmpId ?? protocol.icmpv6Id
  return {
    source,
    destination,
    protocol: protocol.number,
    sourcePort: protocol.sourcePort,
    destinationPort: protocol.destinationPort,
    icmp:
      id === undefined
        ? undefined
        : {
            id,
            type: protocol.icmpType ?? protocol.icmpv6Type ?? 0,
            code: protocol.icmpCode ?? protocol.icmpv6Code ?? 0,
          },
  }
}

function tcpState(entry: Entry): string | undefined {
  const state = entry.protocolInfo?.tcp?.state
  return state === undefined ? undefined : (TCP_STATES[state] ?? `STATE_${state}`)
}

function countersOf(counters: { packets?: bigint; bytes?: bigint } | undefined): FlowCounters | undefined {
  if (counters?.packets === undefined || counters.bytes === undefined) return undefined
  return { packets: counters.packets, bytes: counters.bytes }
}

function translated(
  address: string,
  port: number | undefined,
  seenAddress: string,
  seenPort: number | undefined,
): TranslatedAddress | undefined {
  return address === seenAddress && port === seenPort ? undefined : { address: seenAddress, port: seenPort }
}
