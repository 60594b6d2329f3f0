/**
 * UDP and TCP in any namespace: `inet-socket.ts` opens sockets, `datagram-server.ts` answers in batches; `raw-socket.ts` sends
 * packets whose transport header one writes oneself.
 */
export { DatagramClient, type DatagramListener } from './datagram-client.ts'
export { type Answerer, type Arrival, DatagramServer, type DatagramServerInit } from './datagram-server.ts'
export {
  type BoundSocket,
  type InetEnd,
  openClientSocket,
  openServerSocket,
  type ServerSocketInit,
} from './inet-socket.ts'
export { RawSocket, type RawSocketOptions } from './raw-socket.ts'
export { type ReservedPort, reservePort } from './reserve-port.ts'
