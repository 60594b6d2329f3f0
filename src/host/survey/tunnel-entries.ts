/** Forwarding entries of vxlan interfaces: which addresses are behind which far tunnel end. */
import { listForwarding, type Namespace, NetlinkProtocol, NetlinkSocket } from '../../kernel/index.ts'
import type { ObservedLink, TunnelEntry } from './observed.ts'

/**
 * Reads the entries that lead to other tunnel ends. Neighbour tables have no target id, so this needs a socket inside.
 * @throws NetlinkError when the kernel refuses the dump
 */
export function readTunnelEntries(namespace: Namespace, links: readonly ObservedLink[]): TunnelEntry[] {
  const socket = NetlinkSocket.open(NetlinkProtocol.route, namespace)
  try {
    return links
      .filter((link) => link.kind === 'vxlan')
      .flatMap(({ index }) =>
        listForwarding(socket, { index }).flatMap((entry): TunnelEntry[] => {
          if (entry.index !== index || entry.destination === undefined || entry.lladdr === undefined) return []
          return [{ index, mac: entry.lladdr, remote: entry.destination, vni: entry.vni, port: entry.port }]
        }),
      )
  } finally {
    socket.close()
  }
}
