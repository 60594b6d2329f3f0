/**
 * Sockets of a namespace, of whatever process, straight from the kernel's tables (sock_diag(7)), and the processes that
 * hold them.
 *
 * Open a `NetlinkSocket` of `NetlinkProtocol.sockDiag` in the namespace, list with `listInetSockets`, `listUnixSockets`,
 * `listPacketSockets` or `listNetlinkSockets`, and give the inodes to `socketOwners`. Read `inet-message.ts` for how one
 * family lies on the wire, `inet-sockets.ts` for what becomes of it.
 */
export { inetMessage, inetRequest } from './inet-message.ts'
export {
  type InetFamily,
  type InetProtocol,
  type InetSocket,
  type InetSocketQuery,
  listInetSockets,
  type SocketAddress,
  type SocketMemory,
  type SocketTimer,
  type TcpInfo,
} from './inet-sockets.ts'
export { listNetlinkSockets, type NetlinkSocketEntry } from './netlink-sockets.ts'
export { listPacketSockets, type PacketSocket } from './packet-sockets.ts'
export { type SocketOwner, type SocketOwners, socketOwners } from './socket-owners.ts'
export type { SocketState } from './socket-state.ts'
export { listUnixSockets, type UnixSocket, type UnixSocketType } from './unix-sockets.ts'
