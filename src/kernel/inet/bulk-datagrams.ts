/**
 * Many UDP datagrams of which only the first bytes matter: sent from one buffer, received into small slots, many with one
 * call (sendmmsg(2), recvmmsg(2)), waiting aside or not at all.
 */
import { MSG_DONTWAIT, MSG_TRUNC, O_NONBLOCK, SOL_SOCKET } from '../constants.ts'
import { check } from '../errors.ts'
import * as libc from '../libc.ts'
import { readU32, writeU32, writeU64 } from '../netlink/byte-order.ts'
import { setOption } from '../netlink/channel.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { openClientSocket, openServerSocket } from './inet-socket.ts'

/** Bytes of each received datagram that are kept. */
export const DATAGRAM_HEAD = 64

const HEADER_BYTES = 64
const VECTOR_BYTES = 16
const VECTOR = 16
const VECTOR_COUNT = 24
const LENGTH = 56
const SO_RCVTIMEO = 20
const SO_SNDTIMEO = 21
const SO_SNDBUFFORCE = 32
const F_GETFL = 3
const F_SETFL = 4
const MSG_WAITFORONE = 0x10000
const PATIENCE_MS = 100

/** Headers for many messages, laid out once: struct mmsghdr, each with one struct iovec (see datagram-batch.ts). */
function layOut(bytes: Buffer, count: number, stride: number, length: number): { headers: Buffer; vectors: Buffer } {
  const headers = Buffer.alloc(count * HEADER_BYTES)
  const vectors = Buffer.alloc(count * VECTOR_BYTES)
  for (let i = 0; i < count; i++) {
    writeU64(vectors, libc.address(bytes) + BigInt(i * stride), i * VECTOR_BYTES)
    writeU64(vectors, BigInt(length), i * VECTOR_BYTES + 8)
    writeU64(headers, libc.address(vectors) + BigInt(i * VECTOR_BYTES), i * HEADER_BYTES + VECTOR)
    writeU64(headers, 1n, i * HEADER_BYTES + VECTOR_COUNT)
  }
  return { headers, vectors }
}

/** A socket whose calls never wait longer than a tenth of a second. */
function setWaiting(fd: number): void {
  const flags = check(libc.fcntl(fd, F_GETFL, 0), 'read socket flags')
  check(libc.fcntl(fd, F_SETFL, flags & ~O_NONBLOCK), 'set socket flags')
  const timeout = Buffer.alloc(16)
  writeU32(timeout, PATIENCE_MS * 1000, 8)
  for (const option of [SO_RCVTIMEO, SO_SNDTIMEO]) libc.setsockopt(fd, SOL_SOCKET, option, timeout, 16)
}

/** What both ends have in common: a descriptor that outlives every call that waits on it. */
abstract class DatagramEnd {
  protected readonly fd: number
  #open = true
  #busy = 0
  #watch: libc.Watch | undefined

  constructor(fd: number) {
    this.fd = fd
    setWaiting(fd)
  }

  protected async aside(call: () => Promise<number>): Promise<number> {
    if (!this.#open) return 0
    this.#busy++
    try {
      return await call()
    } finally {
      this.#busy--
      if (!this.#open && this.#busy === 0) libc.close(this.fd)
    }
  }

  /** Calls `ready` when something arrived. */
  protected watch(ready: () => void): void {
    this.#watch ??= libc.watchReadable(this.fd, ready)
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#watch?.close()
    if (this.#busy === 0) libc.close(this.fd)
  }
}

/** Sends datagrams of one size. Close it. */
export class BulkDatagramSender extends DatagramEnd {
  /** The datagrams; the i-th begins at `i * size`. Do not change them while they are being sent. */
  readonly bytes: Buffer
  readonly size: number
  readonly #headers: Buffer
  // The kernel follows pointers into it.
  readonly #vectors: Buffer

  private constructor(fd: number, size: number, batch: number) {
    super(fd)
    this.size = size
    this.bytes = Buffer.alloc(size * batch)
    const { headers, vectors } = layOut(this.bytes, batch, size, size)
    this.#headers = headers
    this.#vectors = vectors
    setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, 4 * 1024 * 1024)
  }

  /** @param batch most datagrams of one call @throws KernelError ENETUNREACH */
  static open(
    namespace: NamespaceHandle,
    to: { readonly address: string; readonly port: number },
    size: number,
    batch: number,
  ): BulkDatagramSender {
    return new BulkDatagramSender(openClientSocket(namespace, { protocol: 'udp', ...to }), size, batch)
  }

  /** Sends the first `count`, waiting for room. @returns how many went out; less than 0 when none did */
  send(count: number): Promise<number> {
    return this.aside(() => libc.sendmmsgAside(this.fd, this.#headers, count, 0))
  }

  /** Sends the first `count` at once. @returns how many went out; less than 0 when none did */
  sendNow(count: number): number {
    return this.#vectors.length === 0 ? 0 : libc.sendmmsg(this.fd, this.#headers, count, MSG_DONTWAIT)
  }
}

/** Receives datagrams. Close it. */
export class BulkDatagramReceiver extends DatagramEnd {
  /** Beginnings of the datagrams; the i-th stands at `i * DATAGRAM_HEAD`. */
  readonly heads: Buffer
  readonly port: number
  readonly #headers: Buffer
  readonly #vectors: Buffer
  readonly #batch: number

  private constructor(fd: number, port: number, batch: number) {
    super(fd)
    this.port = port
    this.#batch = batch
    this.heads = Buffer.alloc(DATAGRAM_HEAD * batch)
    const { headers, vectors } = layOut(this.heads, batch, DATAGRAM_HEAD, DATAGRAM_HEAD)
    this.#headers = headers
    this.#vectors = vectors
  }

  /** @param address one of the family's; any address of the namespace is received at @throws KernelError EADDRINUSE */
  static open(
    namespace: NamespaceHandle,
    at: { readonly address: string; readonly port: number },
    batch: number,
  ): BulkDatagramReceiver {
    const any = at.address.includes(':') ? '::' : '0.0.0.0'
    const receiveBuffer = 8 * 1024 * 1024
    const { fd, port } = openServerSocket(namespace, { protocol: 'udp', address: any, port: at.port, receiveBuffer })
    return new BulkDatagramReceiver(fd, port, batch)
  }

  /** Waits for datagrams. @returns how many there are; less than 0 when none came for a while */
  receive(): Promise<number> {
    return this.aside(() => libc.recvmmsgAside(this.fd, this.#headers, this.#batch, MSG_WAITFORONE | MSG_TRUNC, null))
  }

  /** Takes what has arrived. @returns how many; less than 0 when nothing has */
  receiveNow(): number {
    return this.#vectors.length === 0
      ? 0
      : libc.recvmmsg(this.fd, this.#headers, this.#batch, MSG_DONTWAIT | MSG_TRUNC, null)
  }

  /** Whole length of the i-th datagram. */
  lengthOf(i: number): number {
    return readU32(this.#headers, i * HEADER_BYTES + LENGTH)
  }

  /** Calls `ready` on the event loop when something arrived; take it with `receiveNow`. */
  start(ready: () => void): void {
    this.watch(ready)
  }
}
