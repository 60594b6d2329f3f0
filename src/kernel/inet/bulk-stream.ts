/**
 * A TCP connection that carries as much as it can, of bytes that nobody looks at: the sender's come from a memory file by
 * sendfile(2), the receiver throws them away in the kernel (tcp(7), MSG_TRUNC). Both wait on threads of libuv's pool, four
 * unless UV_THREADPOOL_SIZE says otherwise when the pool is first used, and never longer than a tenth of a second.
 */
import { MSG_TRUNC, O_NONBLOCK, SOCK_CLOEXEC, SOL_SOCKET } from '../constants.ts'
import { check, KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { readS32, writeU32 } from '../netlink/byte-order.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { tcpInfo } from '../sock-diag/inet-message.ts'
import type { TcpInfo } from '../sock-diag/inet-sockets.ts'
import { openClientSocket, openServerSocket } from './inet-socket.ts'

const IPPROTO_TCP = 6
const TCP_INFO = 11
const SO_ERROR = 4
const SO_RCVTIMEO = 20
const SO_SNDTIMEO = 21
const F_GETFL = 3
const F_SETFL = 4
const SHUT_WR = 1
const MSG_WAITALL = 0x100
const MFD_CLOEXEC = 1
const ETIMEDOUT = 110
const POLLIN = 1
const POLLOUT = 4
/** Waiting for one end of a connection, in milliseconds. */
const PATIENCE_MS = 100
/** Bytes of one call: enough that the calls themselves cost nothing, few enough that a slow link ends them in time. */
const PIECE = 16 * 1024 * 1024
/** What the kernel tells of a connection grows with every version. */
const INFO_BYTES = 512

/** Where a connection leads. */
export interface BulkStreamPlace {
  readonly from: NamespaceHandle
  readonly to: NamespaceHandle
  /** Address of `to`, where the connection is accepted. */
  readonly address: string
  /** Port there; one of the kernel's choice when left out. */
  readonly port?: number
  /** How long to wait for the connection, in milliseconds. */
  readonly timeout: number
}

/** One end. Close it. */
export class BulkStream {
  readonly #fd: number
  readonly #source: number
  readonly #offset = Buffer.alloc(8)
  #open = true
  #busy = 0

  private constructor(fd: number, source: number) {
    this.#fd = fd
    this.#source = source
  }

  /**
   * Connects two namespaces.
   * @returns both ends: who asked, and who accepted
   * @throws KernelError ETIMEDOUT, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EADDRINUSE
   */
  static async connect(
    place: BulkStreamPlace,
  ): Promise<{ readonly asking: BulkStream; readonly accepting: BulkStream }> {
    const { address, to, from } = place
    const listener = openServerSocket(to, {
      protocol: 'tcp',
      address: anyOf(address),
      port: place.port ?? 0,
      backlog: 4,
    })
    let asking: BulkStream | undefined
    try {
      asking = BulkStream.#wrap(() => openClientSocket(from, { protocol: 'tcp', address, port: listener.port }))
      await becomesReady(asking.#fd, POLLOUT, place.timeout, address)
      const errno = takeSocketError(asking.#fd, address)
      if (errno !== 0) throw new KernelError({ operation: 'connect', errno, subject: `${address}:${listener.port}` })
      await becomesReady(listener.fd, POLLIN, place.timeout, address)
      const accepting = BulkStream.#wrap(() => check(libc.accept4(listener.fd, null, null, SOCK_CLOEXEC), 'accept'))
      return { asking, accepting }
    } catch (error) {
      asking?.close()
      throw error
    } finally {
      libc.close(listener.fd)
    }
  }

  static #wrap(open: () => number): BulkStream {
    const fd = open()
    try {
      return new BulkStream(fd, openSource())
    } catch (error) {
      libc.close(fd)
      throw error
    }
  }

  /** Has both ends wait in the kernel from now on, instead of coming back at once. */
  begin(): void {
    const flags = check(libc.fcntl(this.#fd, F_GETFL, 0), 'read socket flags')
    check(libc.fcntl(this.#fd, F_SETFL, flags & ~O_NONBLOCK), 'set socket flags')
    const timeout = Buffer.alloc(16)
    writeU32(timeout, PATIENCE_MS * 1000, 8)
    for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) libc.setsockopt(this.#fd, SOL_SOCKET, option, timeout, 16)
  }

  /** Sends a piece. @returns bytes that were taken; nothing or less when none were for a while, or the other end is gone */
  send(): Promise<number> {
    this.#offset.fill(0)
    return this.#aside(() => libc.sendfileAside(this.#fd, this.#source, this.#offset, PIECE))
  }

  /** Receives a piece, and forgets it. @returns bytes; 0 at the end, less when none came for a while */
  discard(): Promise<number> {
    return this.#aside(() => libc.recvAside(this.#fd, null, PIECE, MSG_TRUNC | MSG_WAITALL))
  }

  /** Tells the other end that nothing more will come. */
  finish(): void {
    if (this.#open) libc.shutdown(this.#fd, SHUT_WR)
  }

  /** How the connection is doing. */
  info(): TcpInfo {
    const bytes = Buffer.alloc(INFO_BYTES)
    const length = Buffer.alloc(4)
    writeU32(length, bytes.length, 0)
    check(libc.getsockopt(this.#fd, IPPROTO_TCP, TCP_INFO, bytes, length), 'read TCP_INFO')
    return tcpInfo.read(bytes, 0, bytes.length)
  }

  /** Closes this end, when no call waits on it any more. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    libc.shutdown(this.#fd, 2)
    if (this.#busy === 0) this.#release()
  }

  async #aside(call: () => Promise<number>): Promise<number> {
    if (!this.#open) return 0
    this.#busy++
    try {
      return await call()
    } finally {
      this.#busy--
      // The descriptor must not become another file's while a thread waits on it.
      if (!this.#open && this.#busy === 0) this.#release()
    }
  }

  #release(): void {
    libc.close(this.#fd)
    libc.close(this.#source)
  }
}

/** The error that ended a connection attempt; 0 when it succeeded. */
function takeSocketError(fd: number, subject: string): number {
  const error = Buffer.alloc(4)
  const length = Buffer.alloc(4)
  writeU32(length, 4, 0)
  check(libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, error, length), 'connect', subject)
  return readS32(error, 0)
}

/** A file in memory, of one piece. */
function openSource(): number {
  const fd = check(libc.memfdCreate('netwright', MFD_CLOEXEC), 'make memory file')
  const part = Buffer.alloc(1024 * 1024, 0x5a)
  for (let written = 0; written < PIECE; written += part.length) {
    check(libc.write(fd, part, part.length), 'fill memory file')
  }
  return fd
}

/** Waits on the event loop until a descriptor is ready. @throws KernelError ETIMEDOUT */
function becomesReady(fd: number, event: number, milliseconds: number, subject: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const watch = (event === POLLIN ? libc.watchReadable : libc.watchWritable)(fd, () => {
      clearTimeout(timer)
      watch.close()
      resolve()
    })
    const timer = setTimeout(() => {
      watch.close()
      reject(new KernelError({ operation: 'connect', errno: ETIMEDOUT, subject }))
    }, milliseconds)
  })
}

/** Any address of the same family: the port is bound to no interface, so that link-local addresses work too. */
function anyOf(address: string): string {
  return address.includes(':') ? '::' : '0.0.0.0'
}
