/**
 * Tracked connections that would keep going the old way. A rule is asked for the first packet of a connection only, and UDP
 * has no end: as long as its sender goes on, packets follow the entry (conntrack) whatever the rules say by now.
 */
import {
  type Connection,
  deleteConnection,
  listAddresses,
  listConnections,
  type NamespaceHandle,
  NetlinkProtocol,
  NetlinkSocket,
  ownAddress,
} from '../../kernel/index.ts'
import type { PortBinding } from '../model.ts'

const UDP = 17

/**
 * Forgets the UDP flows to ports of the host that were just published, or just withdrawn. Flows to the same port number of
 * other hosts stay, and so do those to other addresses of this one when the port is of a single address.
 * @returns how many were forgotten
 */
export function forgetFlowsToPorts(host: NamespaceHandle, bindings: readonly PortBinding[]): number {
  const udp = bindings.filter((binding) => binding.protocol === 'udp')
  if (udp.length === 0) return 0
  const local = localAddresses(host)
  const toBinding = ({ original }: Connection): boolean =>
    udp.some(({ hostAddress, hostPort }) => {
      if (original.destinationPort !== hostPort) return false
      if (hostAddress !== '0.0.0.0' && hostAddress !== '::') return original.destination === hostAddress
      const sameFamily = original.destination.includes(':') === hostAddress.includes(':')
      return sameFamily && (original.destination.startsWith('127.') || local.has(original.destination))
    })
  return forget(host, (connection) => connection.original.protocol === UDP && toBinding(connection))
}

/**
 * Forgets all connections from and to containers that are gone: their addresses will be others' next.
 * @returns how many were forgotten
 */
export function forgetFlowsOf(host: NamespaceHandle, addresses: ReadonlySet<string>): number {
  if (addresses.size === 0) return 0
  return forget(
    host,
    ({ original, reply }) =>
      addresses.has(original.source) || addresses.has(original.destination) || addresses.has(reply.source),
  )
}

function forget(host: NamespaceHandle, stale: (connection: Connection) => boolean): number {
  const socket = NetlinkSocket.open(NetlinkProtocol.netfilter, host)
  try {
    return listConnections(socket)
      .filter(stale)
      .filter((connection) => deleteConnection(socket, connection)).length
  } finally {
    socket.close()
  }
}

function localAddresses(host: NamespaceHandle): Set<string> {
  const socket = NetlinkSocket.open(NetlinkProtocol.route, host)
  try {
    const own = listAddresses(socket).map((address) => ownAddress(address))
    return new Set(own.filter((address) => address !== undefined))
  } finally {
    socket.close()
  }
}
