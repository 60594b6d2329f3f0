/** UDP and TCP in any namespace: `inet-socket.ts` opens sockets, `datagram-server.ts` answers in batches. */
export { DatagramClient, type DatagramListener } from './datagram-client.ts'
export { type Answerer, type Arrival, DatagramServer, type DatagramServerInit } from './datagram-server.ts'
export {
  type BoundSocket,
  type InetEnd,
  openClientSocket,
  openServerSocket,
  type ServerSocketInit,
} from './inet-socket.ts'
