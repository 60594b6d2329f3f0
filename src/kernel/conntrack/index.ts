/**
 * The kernel's table of tracked connections: which flows pass through a namespace, in what state, and what address
 * translation makes of them.
 *
 * Open a `NetlinkSocket` of `NetlinkProtocol.netfilter` in the namespace and call `listConnections`. `connection.ts` says
 * what a connection is, `conntrack-message.ts` how it lies on the wire.
 */
export type {
  Connection,
  ConnectionStatus,
  FlowCounters,
  FlowTuple,
  TranslatedAddress,
} from './connection.ts'
export {
  type ConnectionFilter,
  type ConntrackUsage,
  conntrackUsage,
  deleteConnection,
  flushConnections,
  listConnections,
} from './connections.ts'
export { conntrackEntry } from './conntrack-message.ts'
