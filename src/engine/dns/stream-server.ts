/**
 * Answers queries over TCP. Connections are bounded in number and time: a client that opens connections and says nothing
 * loses them to those who ask, and never keeps anybody waiting.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { type NamespaceHandle, openServerSocket } from '../../kernel/index.ts'
import { MessageReader, withLength } from './message-stream.ts'

/** Answers a message; undefined closes the connection. */
export type MessageAnswerer = (message: Buffer) => Promise<Buffer | undefined> | Buffer | undefined

/** Bounds of the connections of one server. */
export interface StreamLimits {
  readonly connections: number
  /** Milliseconds in which a query has to arrive, from the beginning of the connection or the last answer. */
  readonly idle: number
  /** Queries of one connection that are being answered at once. */
  readonly pipelined: number
}

const LIMITS: StreamLimits = { connections: 128, idle: 10_000, pipelined: 64 }
/** Answers that a client leaves unread, in bytes, before it loses its connection. */
const MOST_UNREAD = 1 << 20

/** A TCP server. */
export class StreamServer {
  readonly port: number
  readonly #server: Server
  readonly #limits: StreamLimits
  readonly #answer: MessageAnswerer
  /** In the order in which they last did something useful. */
  readonly #connections = new Set<Connection>()

  /** Listens on any free port of `address` in `namespace`, or on `port`. @throws KernelError EADDRINUSE */
  constructor(
    place: { readonly namespace: NamespaceHandle; readonly address: string; readonly port: number },
    answer: MessageAnswerer,
    limits: Partial<StreamLimits> = {},
  ) {
    this.#limits = { ...LIMITS, ...limits }
    this.#answer = answer
    const { fd, port } = openServerSocket(place.namespace, {
      protocol: 'tcp',
      address: place.address,
      port: place.port,
    })
    this.port = port
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => this.#accept(socket))
    // An error of accept(2), like having no descriptors left, ends neither the server nor the process.
    this.#server.on('error', () => {})
    this.#server.listen({ fd })
  }

  /** Number of open connections. */
  get connections(): number {
    return this.#connections.size
  }

  close(): void {
    this.#server.close()
    for (const connection of this.#connections) connection.close()
  }

  #accept(socket: Socket): void {
    const connection = new Connection(socket, {
      answer: this.#answer,
      limits: this.#limits,
      useful: () => {
        this.#connections.delete(connection)
        this.#connections.add(connection)
      },
      closed: () => this.#connections.delete(connection),
    })
    this.#connections.add(connection)
    const [leastUseful] = this.#connections
    if (this.#connections.size > this.#limits.connections) leastUseful?.close()
  }
}

interface ConnectionInit {
  readonly answer: MessageAnswerer
  readonly limits: StreamLimits
  /** A query came, or an answer went. */
  useful(): void
  closed(): void
}

/** One client. */
class Connection {
  readonly #socket: Socket
  readonly #init: ConnectionInit
  readonly #reader = new MessageReader()
  readonly #queue: Buffer[] = []
  #answering = 0
  #ended = false
  readonly #timer: NodeJS.Timeout

  constructor(socket: Socket, init: ConnectionInit) {
    this.#socket = socket
    this.#init = init
    this.#timer = setTimeout(() => this.#expire(), init.limits.idle)
    socket.on('data', (bytes) => this.#receive(bytes))
    socket.on('end', () => {
      this.#ended = true
      this.#endWhenDone()
    })
    socket.on('error', () => this.close())
    socket.on('close', () => {
      clearTimeout(this.#timer)
      init.closed()
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Queries that others are still being asked about keep the connection. */
  #expire(): void {
    if (this.#answering > 0) this.#timer.refresh()
    else this.close()
  }

  #receive(bytes: Buffer): void {
    this.#queue.push(...this.#reader.push(bytes))
    this.#answerNext()
  }

  #answerNext(): void {
    while (this.#answering < this.#init.limits.pipelined) {
      const message = this.#queue.shift()
      if (message === undefined) break
      this.#answering++
      void this.#answerOne(message)
    }
    if (this.#queue.length > 0) this.#socket.pause()
    else if (this.#socket.isPaused()) this.#socket.resume()
    this.#endWhenDone()
  }

  async #answerOne(message: Buffer): Promise<void> {
    const answer = await this.#init.answer(message)
    this.#answering--
    if (this.#socket.destroyed) return
    if (answer === undefined) {
      this.close()
      return
    }
    this.#init.useful()
    this.#timer.refresh()
    this.#socket.write(withLength(answer))
    if (this.#socket.writableLength > MOST_UNREAD) this.close()
    else this.#answerNext()
  }

  /** A client that has sent all its queries still gets its answers. */
  #endWhenDone(): void {
    if (this.#ended && this.#answering === 0 && this.#queue.length === 0) this.#socket.end()
  }
}
