/**
 * Capturing packets through a ring of blocks that the kernel and we share (TPACKET_V3,
 * Documentation/networking/packet_mmap.rst). The kernel fills a block, marks it ours, and goes on to the next; we read it in
 * place and mark it the kernel's again. No packet costs a system call.
 */
import { check } from '../errors.ts'
import * as libc from '../libc.ts'
import { readU32, writeU32 } from '../netlink/byte-order.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { BLOCK_STATUS, TP_STATUS_KERNEL, TP_STATUS_USER, walkBlock } from './block.ts'
import { BlockCursor } from './block-cursor.ts'
import type { CapturedPacket } from './captured-packet.ts'
import { attachFilter, limitLength } from './filter.ts'
import {
  bindPacketSocket,
  ETH_P_ALL,
  interfaceIndex,
  openPacketSocket,
  SOL_PACKET,
  takeError,
} from './packet-socket.ts'
import { checkSizes, joinPromiscuously, mapRing, type Ring } from './ring.ts'

const PACKET_STATISTICS = 6

/** What to capture, and into how much memory. */
export interface CaptureOptions {
  readonly namespace: NamespaceHandle
  /** Interface by name or index; all of the namespace when left out. */
  readonly interface?: string | number
  /** Bytes kept of each packet; all of it by default. */
  readonly snapLength?: number
  /** Bytes of a block, a power of two of at least a page, by default 256 KiB; no packet can be longer than a block. */
  readonly blockSize?: number
  /** Number of blocks, by default 16: 4 MiB together. */
  readonly blocks?: number
  /** A block that is not full is handed over after this time, in milliseconds; 10 by default. */
  readonly latency?: number
  /** A program of classic BPF in host byte order; everything passes when left out. */
  readonly filter?: Buffer
  /** Also take in frames that are for others; needs an interface. */
  readonly promiscuous?: boolean
}

/** What became of the packets that passed the filter since the ring was opened. */
export interface CaptureStatistics {
  /** All of them, also those that were dropped. */
  readonly packets: number
  /** Those for which no block was free. */
  readonly drops: number
}

/**
 * An open capture. It takes in packets from `open` on, whether they are read or not, and rests while its interface is down.
 * Close it when done.
 */
export class CaptureRing {
  readonly #fd: number
  readonly #ring: Ring
  #cursor: BlockCursor | undefined
  #next = 0
  #packets = 0
  #drops = 0
  #watch: libc.Watch | undefined
  #state: 'open' | 'draining' | 'closing' | 'closed' = 'open'

  private constructor(fd: number, ring: Ring) {
    this.#fd = fd
    this.#ring = ring
  }

  /**
   * Opens a capture.
   * @throws KernelError EPERM without CAP_NET_RAW, ENODEV without such an interface, ENOMEM when
   *   the ring does not fit, EINVAL when the kernel refuses the filter
   * @throws RangeError for sizes that no ring can have
   */
  static open(options: CaptureOptions): CaptureRing {
    const { blockSize = 256 * 1024, blocks = 16 } = options
    checkSizes(blockSize, blocks)
    const program = limitLength(options.filter, options.snapLength ?? 0x7fffffff)
    const fd = openPacketSocket(options.namespace)
    let ring: Ring | undefined
    try {
      const index = options.interface === undefined ? 0 : interfaceIndex(fd, options.interface)
      attachFilter(fd, program)
      ring = mapRing(fd, blockSize, blocks, options.latency ?? 10)
      if (options.promiscuous === true) joinPromiscuously(fd, index)
      bindPacketSocket(fd, index, ETH_P_ALL)
      return new CaptureRing(fd, ring)
    } catch (error) {
      if (ring !== undefined) libc.munmap(ring.pointer, ring.bytes.length)
      libc.close(fd)
      throw error
    }
  }

  /** Calls `visit` with every packet, on the event loop, until the ring is closed. */
  start(visit: (packet: CapturedPacket) => void): void {
    this.watch(() => this.drain(visit))
  }

  /**
   * Calls `visit` with the packets of all blocks that are ready now, at most once around the ring.
   * @returns the number of packets
   */
  drain(visit: (packet: CapturedPacket) => void): number {
    let count = 0
    this.#whileReady(() => {
      count += this.#takeBlock(visit)
    })
    return count
  }

  /**
   * Calls `take` with a cursor before the first packet of every block that is ready now, at most once around the ring; the
   * block is the kernel's again when `take` returns. Its memory may be written to (`HEADROOM`, `TAILROOM`).
   * @returns the number of blocks
   */
  drainBlocks(take: (cursor: BlockCursor) => void): number {
    let blocks = 0
    this.#cursor ??= new BlockCursor(this.#ring.bytes)
    const cursor = this.#cursor
    this.#whileReady(() => {
      cursor.begin(this.#next * this.#ring.blockSize, this.#ring.blockSize)
      try {
        take(cursor)
        blocks++
      } finally {
        this.#giveBack()
      }
    })
    return blocks
  }

  /** Calls `ready` on the event loop when blocks may be ready, which `drainBlocks` or `drain` then take. */
  watch(ready: () => void): void {
    if (this.#watch !== undefined || this.#state === 'closed')
      throw new TypeError('this capture was started or closed before')
    this.#watch = libc.watchReadable(this.#fd, () => {
      takeError(this.#fd)
      ready()
    })
  }

  /** Address of the ring's first byte, for `GatherWriter`. */
  get address(): bigint {
    return libc.address(this.#ring.bytes)
  }

  /** Counts so far. The kernel forgets its own with every reading; these add up. */
  statistics(): CaptureStatistics {
    if (this.#state !== 'closed') {
      const counts = Buffer.alloc(12)
      const length = Buffer.alloc(4)
      writeU32(length, counts.length, 0)
      check(libc.getsockopt(this.#fd, SOL_PACKET, PACKET_STATISTICS, counts, length), 'read capture statistics')
      this.#packets += readU32(counts, 0)
      this.#drops += readU32(counts, 4)
    }
    return { packets: this.#packets, drops: this.#drops }
  }

  /** Keeps, or no longer keeps, the event loop alive. */
  ref(): void {
    this.#watch?.ref()
  }

  /** @see ref */
  unref(): void {
    this.#watch?.unref()
  }

  /**
   * Ends the capture; packets not yet read are lost, statistics stay. May be called from within `visit`. Takes some 7 ms.
   * No view of a packet may be touched afterwards: its memory is gone, and touching it ends the process.
   */
  close(): void {
    if (this.#state === 'closed') return
    if (this.#state !== 'open') {
      this.#state = 'closing'
      return
    }
    this.statistics()
    this.#state = 'closed'
    // In this order: libuv must not poll a descriptor that is closed, and the mapping keeps the ring alive.
    this.#watch?.close()
    libc.munmap(this.#ring.pointer, this.#ring.bytes.length)
    libc.close(this.#fd)
  }

  [Symbol.dispose](): void {
    this.close()
  }

  /** Calls `takeOne` while there is a block that is ready, at most once around the ring. */
  #whileReady(takeOne: () => void): void {
    if (this.#state !== 'open') return
    this.#state = 'draining'
    try {
      for (let i = 0; i < this.#ring.blocks && this.#state === 'draining' && this.#isReady(); i++) takeOne()
    } finally {
      const isClosing = this.#isClosing()
      this.#state = 'open'
      if (isClosing) this.close()
    }
  }

  /** Asked through a method, as a visitor may have changed the state since the compiler last saw it assigned. */
  #isClosing(): boolean {
    return this.#state === 'closing'
  }

  /**
   * True when the kernel has handed over the block that is next in turn. The atomic load keeps the processor and the
   * compiler from reading the block's content before its status; the atomic store below, from handing it back before it was
   * read to the end.
   */
  #isReady(): boolean {
    return (Atomics.load(this.#ring.words, this.#statusIndex()) & TP_STATUS_USER) !== 0
  }

  /** Reads the block that is next in turn and gives it back, also when the visitor throws: the kernel waits for no other. */
  #takeBlock(visit: (packet: CapturedPacket) => void): number {
    const { bytes, blockSize } = this.#ring
    try {
      return walkBlock(bytes, this.#next * blockSize, blockSize, (packet) => {
        if (!this.#isClosing()) visit(packet)
      })
    } finally {
      this.#giveBack()
    }
  }

  #giveBack(): void {
    Atomics.store(this.#ring.words, this.#statusIndex(), TP_STATUS_KERNEL)
    this.#next = (this.#next + 1) % this.#ring.blocks
  }

  #statusIndex(): number {
    return (this.#next * this.#ring.blockSize + BLOCK_STATUS) / 4
  }
}
