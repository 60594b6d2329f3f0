/** Who has a port that is wanted. */
import {
  type InetSocket,
  listInetSockets,
  type NamespaceHandle,
  NetlinkProtocol,
  NetlinkSocket,
  type PortToHold,
  socketOwners,
} from '../../kernel/index.ts'

/**
 * Names the programs whose sockets stand in the way of holding a port: `nginx (pid 71)`. Undefined when none can be seen:
 * SCTP sockets are not listed, and processes of other pid namespaces are not visible.
 */
export function describePortOwner(namespace: NamespaceHandle, wanted: PortToHold): string | undefined {
  const { protocol } = wanted
  if (protocol === 'sctp') return undefined
  const socket = NetlinkSocket.open(NetlinkProtocol.sockDiag, namespace)
  try {
    const sockets = (['ipv4', 'ipv6'] as const).flatMap((family) => listInetSockets(socket, { family, protocol }))
    const inodes = sockets.filter((one) => standsInTheWay(one, wanted)).map((one) => one.inode)
    const owners = [...socketOwners(inodes).owners.values()].flat()
    const names = owners.map(({ pid, command }) => `${printable(command)} (pid ${pid})`)
    return names.length === 0 ? undefined : [...new Set(names)].join(', ')
  } finally {
    socket.close()
  }
}

function standsInTheWay(socket: InetSocket, { address, port }: PortToHold): boolean {
  if (socket.local.port !== port || socket.remote.port !== 0) return false
  const v6 = address.includes(':')
  const theirs = socket.local.address
  if (socket.family === 'ipv6' && !v6) return theirs === '::' && socket.v6only !== true
  if (socket.family === 'ipv4' && v6) return false
  const any = v6 ? '::' : '0.0.0.0'
  return theirs === address || theirs === any || address === any
}

/** Processes choose their names themselves. */
function printable(command: string): string {
  return command.replace(/[^\x20-\x7e]/g, '?')
}
