/** The ways that messages are sent by: UDP, and TCP. Both give every message's number and time where it arrives. */
import { type AddressInfo, createServer, type Server, Socket } from 'node:net'
import {
  BulkDatagramReceiver,
  BulkDatagramSender,
  DATAGRAM_HEAD,
  type NamespaceHandle,
  openClientSocket,
  openServerSocket,
} from '../../kernel/index.ts'
import { LABEL_HEAD, LONGEST_LABEL, writeTrafficLabel } from '../capture/decode/traffic-label.ts'

/** Called with each message that arrives: its number, its bytes, and the microseconds that it took. */
export type MessageListener = (number: number, bytes: number, microseconds: number) => void

/** Where messages go, and what they look like. */
export interface MessageWayInit {
  readonly from: NamespaceHandle
  readonly to: NamespaceHandle
  readonly address: string
  /** Port in `to`; one of the kernel's choice when 0. */
  readonly port: number
  readonly size: number
  readonly label: string
}

/** A way. Close it. */
export interface MessageWay {
  readonly port: number
  /** Sends messages from this number on. @returns how many were sent; fewer when there is no room */
  send(first: number, count: number): number
  close(): void
}

/** Smallest message: its head and the longest label. */
export const SMALLEST_MESSAGE = LABEL_HEAD + LONGEST_LABEL

const BATCH = 64
const CONNECT_MS = 5000
/** A peer that takes nothing must not fill our memory. */
const MOST_BUFFERED = 4 * 1024 * 1024

/** Messages as datagrams. @throws KernelError ENETUNREACH, EADDRINUSE */
export function openUdpWay(init: MessageWayInit, listener: MessageListener): MessageWay {
  const { from, to, address, size, label } = init
  const receiver = BulkDatagramReceiver.open(to, { address, port: init.port }, BATCH)
  let sender: BulkDatagramSender
  try {
    sender = BulkDatagramSender.open(from, { address, port: receiver.port }, size, BATCH)
  } catch (error) {
    receiver.close()
    throw error
  }
  for (let i = 0; i < BATCH; i++) writeTrafficLabel(sender.bytes, i * size, label)
  receiver.start(() => {
    const count = receiver.receiveNow()
    for (let i = 0; i < count; i++) tell(receiver.heads, i * DATAGRAM_HEAD, receiver.lengthOf(i), listener)
  })
  return {
    port: receiver.port,
    send(first, count) {
      let sent = 0
      while (sent < count) {
        const batch = Math.min(BATCH, count - sent)
        for (let i = 0; i < batch; i++) stamp(sender.bytes, i * size, first + sent + i)
        const went = sender.sendNow(batch)
        if (went > 0) sent += went
        if (went < batch) break
      }
      return sent
    },
    close() {
      sender.close()
      receiver.close()
    },
  }
}

/** Messages over one connection. @throws Error ETIMEDOUT, ECONNREFUSED, ENETUNREACH */
export async function openTcpWay(init: MessageWayInit, listener: MessageListener): Promise<MessageWay> {
  const { from, to, address, size, label } = init
  const any = address.includes(':') ? '::' : '0.0.0.0'
  const bound = openServerSocket(to, { protocol: 'tcp', address: any, port: init.port, backlog: 4 })
  const accepted: Socket[] = []
  const server = createServer((socket) => {
    accepted.push(socket)
    receiveMessages(socket, size, listener)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ fd: bound.fd }, resolve)
  })
  const port = (server.address() as AddressInfo | null)?.port ?? bound.port
  try {
    const socket = await connected(from, address, port)
    // What is lost with the connection is counted; its error says no more than that.
    socket.on('error', () => {})
    const message = Buffer.alloc(size)
    writeTrafficLabel(message, 0, label)
    return {
      port,
      send(first, count) {
        let sent = 0
        while (sent < count && socket.writable && socket.writableLength < MOST_BUFFERED) {
          stamp(message, 0, first + sent)
          socket.write(Buffer.from(message))
          sent++
        }
        return sent
      },
      close() {
        socket.destroy()
        closeServer(server, accepted)
      },
    }
  } catch (error) {
    closeServer(server, accepted)
    throw error
  }
}

function closeServer(server: Server, accepted: readonly Socket[]): void {
  for (const socket of accepted) socket.destroy()
  server.close()
}

function connected(from: NamespaceHandle, address: string, port: number): Promise<Socket> {
  const fd = openClientSocket(from, { protocol: 'tcp', address, port })
  // Node takes the connection over while it is being made: it can be written to when that is done.
  const socket = new Socket({ fd, readable: true, writable: true })
  socket.setNoDelay(true)
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      socket.destroy()
      reject(Object.assign(new Error(`connect to ${address}:${port}: no answer (ETIMEDOUT)`), { code: 'ETIMEDOUT' }))
    }, CONNECT_MS)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      reject(error)
    }
    socket.once('error', fail)
    // An empty write waits until the socket can be written to.
    socket.write(Buffer.alloc(0), (error) => {
      clearTimeout(timer)
      socket.off('error', fail)
      if (error == null) resolve(socket)
      else reject(error)
    })
  })
}

/** Cuts a stream into messages, which all have the same size. */
function receiveMessages(socket: Socket, size: number, listener: MessageListener): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (piece: Buffer) => {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    let at = 0
    for (; at + size <= bytes.length; at += size) tell(bytes, at, size, listener)
    rest = Buffer.from(bytes.subarray(at))
  })
}

function stamp(bytes: Buffer, at: number, number: number): void {
  const [seconds, nanoseconds] = process.hrtime()
  bytes.writeUInt32BE(number >>> 0, at + 8)
  bytes.writeUInt32BE(seconds, at + 16)
  bytes.writeUInt32BE(nanoseconds, at + 20)
}

function tell(bytes: Buffer, at: number, length: number, listener: MessageListener): void {
  if (length < LABEL_HEAD) return
  const [seconds, nanoseconds] = process.hrtime()
  const taken = (seconds - bytes.readUInt32BE(at + 16)) * 1e6 + (nanoseconds - bytes.readUInt32BE(at + 20)) / 1e3
  listener(bytes.readUInt32BE(at + 8), length, taken)
}
