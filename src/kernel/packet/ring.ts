/** The memory of a capture ring: made by the kernel for a socket, and mapped (packet(7), linux/if_packet.h). */
import { check, KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { writeS32, writeU16, writeU32 } from '../netlink/byte-order.ts'
import { SOL_PACKET } from './packet-socket.ts'

const PACKET_ADD_MEMBERSHIP = 1
const PACKET_RX_RING = 5
const PACKET_VERSION = 10
const TPACKET_V3 = 2
const PACKET_MR_PROMISC = 1
const PROT_READ_WRITE = 3
const MAP_SHARED = 1
const MAP_FAILED = 0xffffffffffffffffn
/** The kernel counts frames also in version 3, where they have no fixed size; this one divides every block size. */
const FRAME_SIZE = 2048
const PAGE_SIZE = 4096

/** The ring's memory and its division. */
export interface Ring {
  readonly pointer: unknown
  readonly bytes: Buffer
  /** The whole ring as 32-bit words, for `Atomics`. */
  readonly words: Int32Array
  readonly blockSize: number
  readonly blocks: number
}

/** @throws RangeError for sizes that the kernel has no ring of */
export function checkSizes(blockSize: number, blocks: number): void {
  const isPowerOfTwo = Number.isInteger(blockSize) && blockSize > 0 && (blockSize & (blockSize - 1)) === 0
  if (!isPowerOfTwo || blockSize < PAGE_SIZE)
    throw new RangeError(`a block of ${blockSize} bytes is no power of two of at least a page`)
  if (!Number.isInteger(blocks) || blocks < 2) throw new RangeError(`a ring of ${blocks} blocks: at least 2 are needed`)
}

/** Has the kernel make the ring, and maps it. */
export function mapRing(fd: number, blockSize: number, blocks: number, latency: number): Ring {
  const version = Buffer.alloc(4)
  writeU32(version, TPACKET_V3, 0)
  check(libc.setsockopt(fd, SOL_PACKET, PACKET_VERSION, version, version.length), 'use capture ring version 3')
  const length = blockSize * blocks
  // struct tpacket_req3
  const request = Buffer.alloc(28)
  ;[blockSize, blocks, FRAME_SIZE, length / FRAME_SIZE, latency].forEach((value, i) => {
    writeU32(request, value, 4 * i)
  })
  check(
    libc.setsockopt(fd, SOL_PACKET, PACKET_RX_RING, request, request.length),
    'make capture ring',
    `of ${length} bytes`,
  )
  const pointer = libc.mmap(null, length, PROT_READ_WRITE, MAP_SHARED, fd, 0)
  if (pointer === MAP_FAILED) throw new KernelError({ operation: 'map capture ring', errno: libc.errno() })
  const memory = libc.memory(pointer, length)
  return { pointer, bytes: Buffer.from(memory), words: new Int32Array(memory), blockSize, blocks }
}

/** Promiscuous while the socket is open; the kernel counts the sockets that ask for it. */
export function joinPromiscuously(fd: number, index: number): void {
  const request = Buffer.alloc(16)
  writeS32(request, index, 0)
  writeU16(request, PACKET_MR_PROMISC, 4)
  check(libc.setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, request, request.length), 'capture promiscuously')
}
