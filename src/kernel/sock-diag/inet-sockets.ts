/** TCP, UDP and raw sockets of a namespace, as `ss -tuw` lists them. */
import { formatIPv4, formatIPv6 } from '../netlink/address-value.ts'
import type { MessageOf } from '../netlink/message.ts'
import type { NetlinkSocket } from '../netlink/socket.ts'
import type { ValueType } from '../netlink/value.ts'
import { dumpSockets } from './diag-dump.ts'
import { inetMessage, inetRequest, type socketMemory, type tcpInfo } from './inet-message.ts'
import { type SocketState, socketState, stateMask } from './socket-state.ts'

/** Internet address families. */
export type InetFamily = 'ipv4' | 'ipv6'
/** Protocols whose sockets can be listed. */
export type InetProtocol = 'tcp' | 'udp' | 'raw'

/** One end of a flow. */
export interface SocketAddress {
  /** `0.0.0.0` and `::` mean any. */
  readonly address: string
  /** 0 means none yet. A raw socket has its IP protocol number here. */
  readonly port: number
}

/** A timer that runs for a TCP socket. */
export interface SocketTimer {
  readonly kind: 'retransmit' | 'keepalive' | 'time-wait' | 'probe' | 'other'
  readonly milliseconds: number
  readonly retransmits: number
}

/** `struct tcp_info`: how the connection is doing. */
export type TcpInfo = ValueType<typeof tcpInfo>
/** Memory that a socket uses, in bytes; `drops` in packets. */
export type SocketMemory = ValueType<typeof socketMemory>

/** One TCP, UDP or raw socket. */
export interface InetSocket {
  readonly family: InetFamily
  readonly protocol: InetProtocol
  readonly state: SocketState
  readonly local: SocketAddress
  readonly remote: SocketAddress
  /** Index of the interface it is bound to; 0 for any. */
  readonly interface: number
  /** Bytes not read yet; for a listener, connections not accepted yet. */
  readonly receiveQueue: number
  /** Bytes not acknowledged yet; for a listener, the most connections that may wait. */
  readonly sendQueue: number
  readonly uid: number
  /** Inode in sockfs, which `/proc/PID/fd` names; 0 for sockets that no descriptor holds, as in TIME-WAIT. */
  readonly inode: number
  /** Never used again while the host runs. */
  readonly cookie: bigint
  readonly timer: SocketTimer | undefined
  /** An IPv6 socket that refuses IPv4; undefined for IPv4. */
  readonly v6only: boolean | undefined
  readonly mark: number | undefined
  /** Of TCP, only when details were asked for. */
  readonly congestion: string | undefined
  /** Of TCP, only when details were asked for. */
  readonly tcp: TcpInfo | undefined
  /** Only when details were asked for. */
  readonly memory: SocketMemory | undefined
}

/** Which sockets to list. */
export interface InetSocketQuery {
  readonly family: InetFamily
  readonly protocol: InetProtocol
  /** Every state when left out. */
  readonly states?: readonly SocketState[]
  /** Also `tcp`, `congestion` and `memory`, which make the answer about five times as long. */
  readonly details?: boolean
}

const FAMILY = { ipv4: 2, ipv6: 10 } as const
const PROTOCOL = { tcp: 6, udp: 17, raw: 255 } as const
/** Bits of the attributes INET_DIAG_INFO (2), INET_DIAG_CONG (4), INET_DIAG_SKMEMINFO (7). */
const DETAILS = (1 << 1) | (1 << 3) | (1 << 6)
/** Values of `idiag_timer` (net/ipv4/inet_diag.c, inet_sk_diag_fill); 0 is none. */
const TIMERS: Readonly<Record<number, SocketTimer['kind']>> = {
  1: 'retransmit',
  2: 'keepalive',
  3: 'time-wait',
  4: 'probe',
}

/**
 * Sockets of one family and protocol; none when this kernel cannot tell (raw sockets need CONFIG_INET_RAW_DIAG).
 * @param socket a NetlinkSocket of `NetlinkProtocol.sockDiag` in the namespace in question
 */
export function listInetSockets(socket: NetlinkSocket, query: InetSocketQuery): InetSocket[] {
  const rows = dumpSockets(socket, {
    kind: inetRequest,
    body: {
      family: FAMILY[query.family],
      protocol: PROTOCOL[query.protocol],
      extensions: query.details === true ? DETAILS : 0,
      states: stateMask(query.states),
    },
    reply: inetMessage,
  })
  return rows.map((row) => inetSocket(row, query.protocol))
}

function inetSocket(row: MessageOf<typeof inetMessage>, protocol: InetProtocol): InetSocket {
  const family = row.family === FAMILY.ipv4 ? 'ipv4' : 'ipv6'
  const format = family === 'ipv4' ? formatIPv4 : formatIPv6
  return {
    family,
    protocol,
    state: socketState(row.state),
    local: { address: format(row.localAddress, 0), port: row.localPort },
    remote: { address: format(row.remoteAddress, 0), port: row.remotePort },
    interface: row.interface,
    receiveQueue: row.receiveQueue,
    sendQueue: row.sendQueue,
    uid: row.uid,
    inode: row.inode,
    cookie: row.cookie,
    timer: timer(row),
    v6only: row.v6only,
    mark: row.mark,
    congestion: row.congestion,
    tcp: row.tcp,
    memory: row.memory,
  }
}

function timer(row: MessageOf<typeof inetMessage>): SocketTimer | undefined {
  if (row.timer === 0) return undefined
  return { kind: TIMERS[row.timer] ?? 'other', milliseconds: row.expires, retransmits: row.retransmits }
}
