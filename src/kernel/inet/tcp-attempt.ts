/** Connecting over TCP from within a namespace, to learn how it ends (connect(2), EINPROGRESS). */
import { SOL_SOCKET } from '../constants.ts'
import { check } from '../errors.ts'
import * as libc from '../libc.ts'
import { readU32, writeU32 } from '../netlink/byte-order.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { openClientSocket } from './inet-socket.ts'

const SO_ERROR = 4
const SO_LINGER = 13

/** A connection that is being made. Close it, or take its socket over. */
export class TcpAttempt {
  readonly #fd: number
  readonly #watch: libc.Watch | undefined
  #ended = false
  #owned = true

  /**
   * Begins to connect.
   * @param address IPv4 or IPv6; a link-local one may name its interface
   * @param ended told once how it ended: 0 for a connection, or the errno that connect(2) would have given: ECONNREFUSED,
   *   EHOSTUNREACH, ENETUNREACH, ECONNRESET, ETIMEDOUT when the kernel gave up
   * @throws KernelError what the kernel refuses at once: ENETUNREACH, EACCES, EPERM from a rule, ENODEV, EMFILE
   */
  constructor(namespace: NamespaceHandle, address: string, port: number, ended: (errno: number) => void) {
    this.#fd = openClientSocket(namespace, { protocol: 'tcp', address, port })
    // A peer on this host has refused before connect(2) returns: watching the socket would only cost time.
    const refusal = pendingError(this.#fd)
    if (refusal !== 0) queueMicrotask(() => this.#end(refusal, ended))
    else this.#watch = libc.watchWritable(this.#fd, () => this.#end(undefined, ended))
  }

  #end(refusal: number | undefined, ended: (errno: number) => void): void {
    if (this.#ended) return
    this.#ended = true
    this.#watch?.close()
    ended(refusal ?? pendingError(this.#fd))
  }

  /** Hands the connected socket over: whoever takes it closes it. */
  takeSocket(): number {
    this.#owned = false
    return this.#fd
  }

  /** Ends it. A connection is reset rather than closed, so that it leaves no TIME-WAIT behind (SO_LINGER, socket(7)). */
  close(): void {
    if (!this.#ended) this.#watch?.close()
    this.#ended = true
    if (!this.#owned) return
    this.#owned = false
    const linger = Buffer.alloc(8)
    writeU32(linger, 1, 0)
    libc.setsockopt(this.#fd, SOL_SOCKET, SO_LINGER, linger, linger.length)
    libc.close(this.#fd)
  }
}

function pendingError(fd: number): number {
  const error = Buffer.alloc(4)
  const length = Buffer.alloc(4)
  writeU32(length, error.length, 0)
  check(libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, error, length), 'read socket error')
  return readU32(error, 0)
}
