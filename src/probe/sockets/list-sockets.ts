/** The TCP, UDP and raw sockets of a namespace with the processes that hold them, as `ss` would list them in there. */
import {
  type InetSocket,
  listInetSockets,
  type NamespaceHandle,
  NetlinkProtocol,
  NetlinkSocket,
  socketOwners,
} from '../../kernel/index.ts'

/** A socket (part of schemas/sockets.v1.json). */
export interface ListedSocket {
  readonly protocol: 'tcp' | 'udp' | 'raw'
  readonly family: 'ipv4' | 'ipv6'
  readonly state: string
  readonly local: { readonly address: string; readonly port: number }
  readonly remote: { readonly address: string; readonly port: number }
  readonly receiveQueue: number
  readonly sendQueue: number
  readonly user: number
  readonly processes: readonly { readonly pid: number; readonly command: string }[]
  /** Of an established TCP connection. */
  readonly tcp: {
    readonly bytesSent: number
    readonly bytesReceived: number
    readonly roundTripMicroseconds: number
    readonly retransmits: number
  } | null
}

/** Which sockets are wanted; everything given must hold. */
export interface SocketFilter {
  readonly protocols?: readonly ListedSocket['protocol'][]
  /** Only those that wait for others: TCP listeners, UDP and raw sockets without a peer. */
  readonly listening?: boolean
  /** Only those with a peer. */
  readonly connected?: boolean
  /** A port at either end. */
  readonly port?: number
  /** An address at either end. */
  readonly address?: string
  /** Part of the name of a process, or its number. */
  readonly process?: string
}

/** The document (schemas/sockets.v1.json). */
export interface SocketList {
  readonly schema: 'netwright/sockets/v1'
  readonly target: string
  readonly sockets: readonly ListedSocket[]
  readonly warnings: readonly string[]
}

const PROTOCOLS = ['tcp', 'udp', 'raw'] as const
const FAMILIES = ['ipv4', 'ipv6'] as const

/**
 * Lists sockets: those that listen first, then by port.
 * @throws NetlinkError, KernelError EPERM when the namespace may not be entered
 */
export function listSockets(namespace: NamespaceHandle, target: string, filter: SocketFilter = {}): SocketList {
  const rows = readRows(namespace, filter).filter((row) => matchesAddress(row, filter))
  const { owners, unreadable } = socketOwners(rows.map(({ inode }) => inode))
  const sockets = rows
    .map((row) => listed(row, owners.get(row.inode) ?? []))
    .filter((socket) => matchesProcess(socket, filter.process))
    .sort(inOrder)
  const warnings =
    unreadable === 0
      ? []
      : [`the sockets of ${unreadable} processes may not be read: run it as root to see whose they are`]
  return { schema: 'netwright/sockets/v1', target, sockets, warnings }
}

function readRows(namespace: NamespaceHandle, { protocols = PROTOCOLS }: SocketFilter): InetSocket[] {
  const socket = NetlinkSocket.open(NetlinkProtocol.sockDiag, namespace)
  try {
    return protocols.flatMap((protocol) =>
      FAMILIES.flatMap((family) => listInetSockets(socket, { family, protocol, details: protocol === 'tcp' })),
    )
  } finally {
    socket.close()
  }
}

function listed(row: InetSocket, owners: readonly { readonly pid: number; readonly command: string }[]): ListedSocket {
  const { protocol, family, state, local, remote, receiveQueue, sendQueue, uid, tcp } = row
  const processes = [...new Map(owners.map(({ pid, command }) => [pid, { pid, command }])).values()]
  const talks = tcp !== undefined && state !== 'LISTEN'
  return {
    protocol,
    family,
    state,
    local,
    remote,
    receiveQueue,
    sendQueue,
    user: uid,
    processes,
    tcp: talks
      ? {
          bytesSent: Number(tcp.bytesAcknowledged),
          bytesReceived: Number(tcp.bytesReceived),
          roundTripMicroseconds: tcp.roundTripTime,
          retransmits: tcp.totalRetransmissions,
        }
      : null,
  }
}

function isListening({ protocol, state }: Pick<InetSocket, 'protocol' | 'state'>): boolean {
  return protocol === 'tcp' ? state === 'LISTEN' : state === 'UNCONN'
}

function matchesAddress(row: InetSocket, { listening, connected, port, address }: SocketFilter): boolean {
  if (listening === true && !isListening(row)) return false
  if (connected === true && (isListening(row) || row.remote.port === 0)) return false
  if (port !== undefined && row.local.port !== port && row.remote.port !== port) return false
  return address === undefined || row.local.address === address || row.remote.address === address
}

function matchesProcess({ processes }: ListedSocket, wanted: string | undefined): boolean {
  if (wanted === undefined) return true
  return processes.some(({ pid, command }) => String(pid) === wanted || command.includes(wanted))
}

function inOrder(a: ListedSocket, b: ListedSocket): number {
  const listens = Number(b.state === 'LISTEN') - Number(a.state === 'LISTEN')
  if (listens !== 0) return listens
  if (a.protocol !== b.protocol) return PROTOCOLS.indexOf(a.protocol) - PROTOCOLS.indexOf(b.protocol)
  return a.local.port - b.local.port || a.remote.port - b.remote.port || (a.remote.address < b.remote.address ? -1 : 1)
}
