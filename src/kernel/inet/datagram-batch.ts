/**
 * Memory for receiving and answering many datagrams with one call each (recvmmsg(2), sendmmsg(2)): slots of bytes, the
 * senders' addresses, and the headers that point at them, laid out once. One batch serves all sockets of a thread, because
 * what was received is answered before anything else is received.
 *
 * Layout of a header on 64-bit Linux (bits/types/struct_msghdr.h, bits/socket.h): struct msghdr of 56 bytes (name, its
 * length, iovec, their number, control, its length, flags), then msg_len.
 */
import { MSG_DONTWAIT, MSG_TRUNC } from '../constants.ts'
import * as libc from '../libc.ts'
import { readU32, writeU32, writeU64 } from '../netlink/byte-order.ts'
import { SOCKET_ADDRESS_BYTES } from './socket-address.ts'

/** Datagrams in one batch. */
export const BATCH_SIZE = 64
/** Bytes of a slot: the longest datagram that is received whole, and the longest answer. */
export const SLOT_BYTES = 4096

const HEADER_BYTES = 64
const NAME_LENGTH = 8
const VECTOR = 16
const VECTOR_COUNT = 24
const FLAGS = 48
const LENGTH = 56
const ADDRESS_STRIDE = 32
const VECTOR_STRIDE = 16
const ENOSYS = 38
const EPERM = 1

/** Slots, and the calls that fill and empty them. */
export class DatagramBatch {
  /** All slots; the i-th begins at `i * SLOT_BYTES`. */
  readonly bytes = Buffer.alloc(BATCH_SIZE * SLOT_BYTES)
  readonly #addresses = Buffer.alloc(BATCH_SIZE * ADDRESS_STRIDE)
  readonly #incoming = Buffer.alloc(BATCH_SIZE * HEADER_BYTES)
  readonly #outgoing = Buffer.alloc(BATCH_SIZE * HEADER_BYTES)
  readonly #inVectors = Buffer.alloc(BATCH_SIZE * VECTOR_STRIDE)
  readonly #outVectors = Buffer.alloc(BATCH_SIZE * VECTOR_STRIDE)
  // Words instead of writeUInt32: these are set for every datagram.
  readonly #inWords = words(this.#incoming)
  readonly #outWords = words(this.#outgoing)
  readonly #outVectorWords = words(this.#outVectors)
  #queued = 0
  /** False once this kernel (or a seccomp filter) has refused the calls for many: then one call a datagram does it. */
  #many = true

  constructor(options: { readonly singly?: boolean } = {}) {
    this.#many = options.singly !== true
    for (let i = 0; i < BATCH_SIZE; i++) {
      this.#layOut(this.#incoming, this.#inVectors, i)
      this.#layOut(this.#outgoing, this.#outVectors, i)
    }
  }

  #layOut(headers: Buffer, vectors: Buffer, i: number): void {
    writeU64(vectors, libc.address(this.bytes) + BigInt(i * SLOT_BYTES), i * VECTOR_STRIDE)
    writeU64(vectors, BigInt(SLOT_BYTES), i * VECTOR_STRIDE + 8)
    const header = i * HEADER_BYTES
    writeU64(headers, libc.address(this.#addresses) + BigInt(i * ADDRESS_STRIDE), header)
    writeU64(headers, libc.address(vectors) + BigInt(i * VECTOR_STRIDE), header + VECTOR)
    writeU64(headers, 1n, header + VECTOR_COUNT)
  }

  /** Receives up to BATCH_SIZE datagrams without waiting. @returns how many; negative when there are none, or the call failed */
  receive(fd: number): number {
    for (let i = 0; i < BATCH_SIZE; i++) {
      this.#inWords[(i * HEADER_BYTES + NAME_LENGTH) / 4] = SOCKET_ADDRESS_BYTES
    }
    if (!this.#many) return this.#receiveSingly(fd)
    const count = libc.recvmmsg(fd, this.#incoming, BATCH_SIZE, MSG_DONTWAIT, null)
    if (count >= 0 || !this.#refused()) return count
    return this.#receiveSingly(fd)
  }

  #receiveSingly(fd: number): number {
    for (let i = 0; i < BATCH_SIZE; i++) {
      const header = this.#incoming.subarray(i * HEADER_BYTES, (i + 1) * HEADER_BYTES)
      const length = libc.recvmsg(fd, header, MSG_DONTWAIT)
      if (length < 0) return i === 0 ? length : i
      writeU32(header, length, LENGTH)
    }
    return BATCH_SIZE
  }

  /** Length of the datagram in slot `i`; −1 when it was longer than the slot. */
  length(i: number): number {
    const header = (i * HEADER_BYTES) / 4
    if ((this.#inWords[header + FLAGS / 4]! & MSG_TRUNC) !== 0) return -1
    return this.#inWords[header + LENGTH / 4]!
  }

  /** The address of who sent the datagram in slot `i`, laid out, as a copy to keep. */
  sender(i: number): Buffer {
    const length = Math.min(readU32(this.#incoming, i * HEADER_BYTES + NAME_LENGTH), SOCKET_ADDRESS_BYTES)
    return Buffer.from(this.#addresses.subarray(i * ADDRESS_STRIDE, i * ADDRESS_STRIDE + length))
  }

  /** Queues the first `length` bytes of slot `i` as the answer to whoever sent what was in it. */
  queue(i: number, length: number): void {
    const to = this.#queued++
    const source = (i * HEADER_BYTES) / 4
    const target = (to * HEADER_BYTES) / 4
    // The pointer to the address, in two words, and the address's length. Vector `to` points at slot `i` from now on.
    this.#outWords[target] = this.#inWords[source]!
    this.#outWords[target + 1] = this.#inWords[source + 1]!
    this.#outWords[target + 2] = this.#inWords[source + 2]!
    this.#pointAt(to, i, length)
  }

  readonly #slotWords = words(this.#inVectors)

  #pointAt(vector: number, slot: number, length: number): void {
    const target = (vector * VECTOR_STRIDE) / 4
    const source = (slot * VECTOR_STRIDE) / 4
    this.#outVectorWords[target] = this.#slotWords[source]!
    this.#outVectorWords[target + 1] = this.#slotWords[source + 1]!
    writeLength(this.#outVectorWords, target + 2, length)
  }

  /** Sends what was queued. Answers that cannot be sent (a full buffer, a filter) are dropped, as UDP does. */
  flush(fd: number): void {
    let sent = 0
    while (sent < this.#queued) {
      const rest = sent === 0 ? this.#outgoing : this.#outgoing.subarray(sent * HEADER_BYTES)
      const count = this.#many ? libc.sendmmsg(fd, rest, this.#queued - sent, MSG_DONTWAIT) : 0
      if (count > 0) {
        sent += count
      } else {
        libc.sendmsg(fd, rest, MSG_DONTWAIT)
        sent++
      }
    }
    this.#queued = 0
  }

  /** True when the last call failed because it is not to be had: from now on receiving and sending do without. */
  #refused(): boolean {
    const errno = libc.errno()
    if (errno !== ENOSYS && errno !== EPERM) return false
    this.#many = false
    return true
  }
}

/** A buffer's memory as 32-bit words in host order. */
function words(buffer: Buffer): Uint32Array {
  return new Uint32Array(buffer.buffer, buffer.byteOffset, buffer.length / 4)
}

/** Lengths are 64-bit words in host order. */
function writeLength(target: Uint32Array, index: number, length: number): void {
  target[index + LOW_WORD] = length
  target[index + 1 - LOW_WORD] = 0
}
const LOW_WORD = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1
