/** Writing pieces of memory that do not lie together with few calls (writev(2)): nothing is copied on our side. */
import { EAGAIN, EINTR } from '../constants.ts'
import { KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { littleEndian, readU32 } from '../netlink/byte-order.ts'

/** Most pieces of one call (IOV_MAX, limits.h). */
const MOST_PIECES = 1024
const PIECE = 16
const HALF = 0x1_0000_0000
const POLLOUT = 4
/** How long a reader may keep a pipe full before we look again, in milliseconds. */
const PATIENCE = 1000

/**
 * Collects pieces of memory and writes them in order. Nothing may move or change what was added before `flush` returns.
 * The memory must outlive that: a ring, or a Buffer that is held.
 */
export class GatherWriter {
  readonly #fd: number
  readonly #subject: string
  readonly #vectors = Buffer.alloc(MOST_PIECES * PIECE)
  readonly #words = new DataView(this.#vectors.buffer, this.#vectors.byteOffset, this.#vectors.length)
  #pieces = 0
  #pending = 0
  #written = 0

  /** @param fd a descriptor, which stays the caller's */
  constructor(fd: number, subject: string) {
    this.#fd = fd
    this.#subject = subject
  }

  /** Bytes written, and those that wait for `flush`. */
  get total(): number {
    return this.#written + this.#pending
  }

  /** True when the next piece needs a `flush` before. */
  get full(): boolean {
    return this.#pieces === MOST_PIECES
  }

  /**
   * Adds a piece.
   * @param address of its first byte: below 2^53, as every user address is
   */
  add(address: number, length: number): void {
    if (this.#pieces === MOST_PIECES) this.flush()
    const at = this.#pieces * PIECE
    this.#words.setUint32(littleEndian ? at : at + 4, address >>> 0, littleEndian)
    this.#words.setUint32(littleEndian ? at + 4 : at, Math.floor(address / HALF), littleEndian)
    this.#words.setUint32(littleEndian ? at + 8 : at + 12, length, littleEndian)
    this.#pieces++
    this.#pending += length
  }

  /** Adds a Buffer and writes everything. */
  write(bytes: Uint8Array): void {
    if (bytes.length > 0) this.add(Number(libc.address(bytes)), bytes.length)
    this.flush()
  }

  /**
   * Writes what was added; waits while a pipe is full.
   * @throws KernelError EPIPE when nobody reads any more, ENOSPC, EFBIG, EIO
   */
  flush(): void {
    let first = 0
    while (first < this.#pieces) {
      const rest = this.#vectors.subarray(first * PIECE)
      const count = libc.writev(this.#fd, rest, this.#pieces - first)
      if (count < 0) this.#waitOrThrow()
      else first = this.#skip(first, count)
    }
    this.#written += this.#pending
    this.#pieces = 0
    this.#pending = 0
  }

  #waitOrThrow(): void {
    const errno = libc.errno()
    if (errno === EINTR) return
    if (errno !== EAGAIN) {
      this.#pieces = 0
      this.#pending = 0
      throw new KernelError({ operation: 'write', errno, subject: this.#subject })
    }
    const entry = Buffer.alloc(8)
    entry.writeInt32LE(this.#fd, 0)
    if (!littleEndian) entry.writeInt32BE(this.#fd, 0)
    new DataView(entry.buffer, entry.byteOffset).setInt16(4, POLLOUT, littleEndian)
    libc.poll(entry, 1, PATIENCE)
  }

  /** Takes `count` written bytes off the pieces from `first` on. @returns the first piece that is not yet written */
  #skip(first: number, count: number): number {
    let left = count
    let piece = first
    while (piece < this.#pieces) {
      const at = piece * PIECE
      const length = readU32(this.#vectors, littleEndian ? at + 8 : at + 12)
      if (left < length) {
        this.#shorten(at, left, length)
        return piece
      }
      left -= length
      piece++
    }
    return piece
  }

  #shorten(at: number, by: number, length: number): void {
    const low = this.#words.getUint32(littleEndian ? at : at + 4, littleEndian)
    const high = this.#words.getUint32(littleEndian ? at + 4 : at, littleEndian)
    const address = high * HALF + low + by
    this.#words.setUint32(littleEndian ? at : at + 4, address >>> 0, littleEndian)
    this.#words.setUint32(littleEndian ? at + 4 : at, Math.floor(address / HALF), littleEndian)
    this.#words.setUint32(littleEndian ? at + 8 : at + 12, length - by, littleEndian)
  }
}
