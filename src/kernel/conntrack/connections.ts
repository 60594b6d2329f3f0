/** Listing, forgetting and counting tracked connections of a namespace. */
import { hasCode } from '../errors.ts'
import type { MessageOf } from '../netlink/message.ts'
import type { NetlinkSocket, Request } from '../netlink/socket.ts'
import { ADDRESS_FAMILY, type Connection, connectionOf, tupleFor } from './connection.ts'
import { ConntrackMessage, conntrackCpuStatistics, conntrackEntry, conntrackStatistics } from './conntrack-message.ts'

/** Which connections; everything given must hold. */
export interface ConnectionFilter {
  readonly family?: 'ipv4' | 'ipv6'
  /** Bits of the mark under `mask`. */
  readonly mark?: { readonly value: number; readonly mask: number }
  /** IP protocol number. */
  readonly protocol?: number
  /** A port at either end, in either direction: also the port behind a translation. */
  readonly port?: number
  /** An address at either end, in either direction. */
  readonly address?: string
}

/** How full the table is, and what went wrong since the namespace exists. */
export interface ConntrackUsage {
  readonly entries: number
  /** Most entries that the kernel takes; new connections are dropped beyond (net.netfilter.nf_conntrack_max). */
  readonly maximum: number
  /** Packets dropped because an entry could not be made: the table was full or memory ran out. */
  readonly dropped: number
  /** Entries thrown out early to make room. */
  readonly earlyDropped: number
  /** Entries that lost a race against another of the same tuple. */
  readonly insertFailed: number
  /** Packets that fit no connection. */
  readonly invalid: number
}

/**
 * Tracked connections, selected by family and mark in the kernel and by the rest of the filter here.
 * @param socket a NetlinkSocket of `NetlinkProtocol.netfilter` in the namespace in question
 * @throws NetlinkError EPERM without CAP_NET_ADMIN
 */
export function listConnections(socket: NetlinkSocket, filter: ConnectionFilter = {}): Connection[] {
  const rows = socket.dump({
    operation: 'IPCTNL_MSG_CT_GET',
    type: ConntrackMessage.get,
    kind: conntrackEntry,
    body: {
      family: filter.family === undefined ? 0 : ADDRESS_FAMILY[filter.family],
      ...(filter.mark === undefined ? {} : { mark: filter.mark.value, markMask: filter.mark.mask }),
    },
    reply: conntrackEntry,
    tolerateInterruption: true,
  })
  return rows
    .map(connectionOf)
    .filter((connection) => connection !== undefined)
    .filter((connection) => matches(connection, filter))
}

function matches({ original, reply }: Connection, { protocol, port, address }: ConnectionFilter): boolean {
  if (protocol !== undefined && original.protocol !== protocol) return false
  const directions = [original, reply]
  if (port !== undefined && !directions.some((flow) => flow.sourcePort === port || flow.destinationPort === port)) {
    return false
  }
  return address === undefined || directions.some((flow) => flow.source === address || flow.destination === address)
}

/**
 * Forgets one connection, so that its next packet is judged as the first of a new one.
 * @returns false when the entry was gone already
 */
export function deleteConnection(socket: NetlinkSocket, connection: Connection): boolean {
  try {
    socket.request(deletion(connection))
    return true
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return false
    throw error
  }
}

/**
 * Forgets every connection that the filter selects, which is all of them for an empty one.
 * @returns how many were forgotten
 */
export function flushConnections(socket: NetlinkSocket, filter: ConnectionFilter): number {
  const requests = listConnections(socket, filter).map(deletion)
  const outcomes = socket.batch(requests)
  const failure = outcomes.find((outcome) => !outcome.ok && outcome.error.code !== 'ENOENT')
  if (failure !== undefined && !failure.ok) throw failure.error
  return outcomes.filter((outcome) => outcome.ok).length
}

/** A deletion always names a tuple: one without would empty the whole table (nf_conntrack_netlink.c). */
function deletion(connection: Connection): Request<MessageOf<typeof conntrackEntry>> {
  return {
    operation: 'IPCTNL_MSG_CT_DELETE',
    type: ConntrackMessage.delete,
    kind: conntrackEntry,
    body: {
      family: ADDRESS_FAMILY[connection.family],
      original: tupleFor(connection.original),
      ...(connection.zone === 0 ? {} : { zone: connection.zone }),
      ...(connection.id === undefined ? {} : { id: connection.id }),
    },
  }
}

/**
 * Entries, limit and troubles of the table in the namespace of `socket`.
 * @throws NetlinkError EPERM without CAP_NET_ADMIN
 */
export function conntrackUsage(socket: NetlinkSocket): ConntrackUsage {
  const total = socket.get({
    operation: 'IPCTNL_MSG_CT_GET_STATS',
    type: ConntrackMessage.statistics,
    kind: conntrackStatistics,
    body: {},
    reply: conntrackStatistics,
  })
  const processors = socket.dump({
    operation: 'IPCTNL_MSG_CT_GET_STATS_CPU',
    type: ConntrackMessage.statisticsPerCpu,
    kind: conntrackCpuStatistics,
    body: {},
    reply: conntrackCpuStatistics,
  })
  const sum = (name: 'drop' | 'earlyDrop' | 'insertFailed' | 'invalid'): number =>
    processors.reduce((so, processor) => so + (processor[name] ?? 0), 0)
  return {
    entries: total.entries ?? 0,
    maximum: total.maximum ?? 0,
    dropped: sum('drop'),
    earlyDropped: sum('earlyDrop'),
    insertFailed: sum('insertFailed'),
    invalid: sum('invalid'),
  }
}
