/**
 * UDP and TCP in any namespace: `inet-socket.ts` opens sockets, `datagram-server.ts` answers in batches; `raw-socket.ts` sends
 * packets whose transport header one writes oneself to one peer, `unbound-raw-socket.ts` to anybody; `tcp-attempt.ts` connects;
 * `bulk-stream.ts` and `bulk-datagrams.ts` carry as much as goes.
 */
export { BulkDatagramReceiver, BulkDatagramSender, DATAGRAM_HEAD } from './bulk-datagrams.ts'
export { BulkStream, type BulkStreamPlace } from './bulk-stream.ts'
export { DatagramClient, type DatagramListener } from './datagram-client.ts'
export { type Answerer, type Arrival, DatagramServer, type DatagramServerInit } from './datagram-server.ts'
export {
  type BoundSocket,
  type InetEnd,
  openClientSocket,
  openServerSocket,
  type ServerSocketInit,
} from './inet-socket.ts'
export { OPEN_RAW_SOCKET, RawSocket, type RawSocketOptions } from './raw-socket.ts'
export { type ReservedPort, reservePort } from './reserve-port.ts'
export { sourceToward } from './source-toward.ts'
export { TcpAttempt } from './tcp-attempt.ts'
export {
  type RawPacket,
  type RawSendOptions,
  realTime,
  UnboundRawSocket,
  type UnboundRawSocketOptions,
} from './unbound-raw-socket.ts'
