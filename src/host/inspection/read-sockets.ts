/** Sockets of a namespace and the processes that hold them. */
import {
  type InetSocket,
  listInetSockets,
  listPacketSockets,
  NetlinkProtocol,
  NetlinkSocket,
  type PacketSocket,
  type SocketOwner,
  socketOwners,
} from '../../kernel/index.ts'
import type { InspectedSocket } from './inspection.ts'
import type { PartContext } from './part-context.ts'

const PROTOCOLS = ['tcp', 'udp', 'raw'] as const
const FAMILIES = ['ipv4', 'ipv6'] as const

/** Listeners first, then everything else; a packet socket is somebody who captures. */
export function readSockets({ namespace, interfaceName }: PartContext): InspectedSocket[] {
  const socket = NetlinkSocket.open(NetlinkProtocol.sockDiag, namespace)
  try {
    const inet = PROTOCOLS.flatMap((protocol) =>
      FAMILIES.flatMap((family) => listInetSockets(socket, { family, protocol })),
    )
    const packet = listPacketSockets(socket)
    const { owners } = socketOwners([...inet, ...packet].map((row) => row.inode))
    const boundTo = (index: number): string | null => (index === 0 ? null : interfaceName(index))
    const processesOf = (row: { readonly inode: number }) => owners.get(row.inode) ?? []
    const rows = [
      ...inet.map((row) => inspectedInet(row, boundTo(row.interface), processesOf(row))),
      ...packet.map((row) => inspectedPacket(row, boundTo(row.interface), processesOf(row))),
    ]
    return rows.sort((a, b) => Number(b.state === 'LISTEN') - Number(a.state === 'LISTEN'))
  } finally {
    socket.close()
  }
}

function inspectedInet(row: InetSocket, boundTo: string | null, processes: readonly SocketOwner[]): InspectedSocket {
  const { protocol, family, state, local, remote, receiveQueue, sendQueue, uid } = row
  return { protocol, family, state, local, remote, interface: boundTo, receiveQueue, sendQueue, user: uid, processes }
}

function inspectedPacket(
  row: PacketSocket,
  boundTo: string | null,
  processes: readonly SocketOwner[],
): InspectedSocket {
  return {
    protocol: 'packet',
    family: null,
    state: 'UNCONN',
    local: null,
    remote: null,
    interface: boundTo,
    receiveQueue: 0,
    sendQueue: 0,
    user: row.uid ?? null,
    processes,
  }
}
