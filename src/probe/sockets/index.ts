/** Who listens and talks in a namespace: `list-sockets.ts`. */
export { type ListedSocket, listSockets, type SocketFilter, type SocketList } from './list-sockets.ts'
