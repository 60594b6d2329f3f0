/** How full the table of tracked connections is. */
import { conntrackUsage, NetlinkProtocol, NetlinkSocket } from '../../kernel/index.ts'
import type { InspectedConntrack } from './inspection.ts'
import type { PartContext } from './part-context.ts'

/** Reads the table's figures; the entries themselves are not looked at. */
export function readConntrack({ namespace }: PartContext): InspectedConntrack {
  const socket = NetlinkSocket.open(NetlinkProtocol.netfilter, namespace)
  try {
    const { entries, maximum, dropped, insertFailed, invalid } = conntrackUsage(socket)
    return { entries, maximum, dropped, insertFailed, invalid }
  } finally {
    socket.close()
  }
}
