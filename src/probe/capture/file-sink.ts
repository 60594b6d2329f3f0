/**
 * Capturing into pcapng files. Where there is one place, the blocks of the file are written around the packets where they
 * stand in the ring, and handed to the kernel from there; where there are several, packets are copied and brought into order.
 */
import { closeSync, openSync, rmSync } from 'node:fs'
import { release } from 'node:os'
import { type BlockCursor, GatherWriter, memoryAddress } from '../../kernel/index.ts'
import type { PacketSink } from './capture.ts'
import type { CapturedInterface, CapturePoint } from './capture-point.ts'
import { LinkType } from './link-type.ts'
import {
  directionFlags,
  PACKET_HEAD,
  packetBlockLength,
  TimeStamps,
  VLAN_TAG,
  writePacketHead,
  writePacketTail,
} from './pcapng/enhanced-packet.ts'
import {
  type DescribedInterface,
  interfaceDescription,
  interfaceStatistics,
  sectionHeader,
} from './pcapng/write-blocks.ts'
import { orderTime, TimeOrder } from './time-order.ts'

/** Where and how to write. */
export interface FileSinkOptions {
  /** Path of the file, or a descriptor that stays the caller's. */
  readonly to: string | number
  /** How many places the capture has. */
  readonly sources: number
  readonly application: string
  /** What the file is about: the command line. */
  readonly comment: string
  readonly filter?: string
  readonly snapLength?: number
  /** Most bytes of a file. */
  readonly maxSize?: number
  /** Files that are kept: when one is full, the next begins, and the oldest is removed. With 1 the capture stops. */
  readonly maxFiles?: number
}

/** Bytes that statistics at a file's end take for each interface, and a little more. */
const STATISTICS_RESERVE = 160

/** Writes what it is given. Finish it, also after a failure. */
export class FileSink implements PacketSink {
  full = false
  readonly #options: FileSinkOptions
  readonly #order: TimeOrder<Buffer> | undefined
  readonly #interfaces: CapturedInterface[] = []
  readonly #time = new TimeStamps()
  readonly #started = BigInt(Date.now()) * 1_000_000n
  #files: string[] = []
  #number = 0
  #fd = -1
  #opened: GatherWriter | undefined

  constructor(options: FileSinkOptions) {
    this.#options = options
    this.#order = options.sources > 1 ? new TimeOrder(options.sources) : undefined
  }

  /**
   * Begins the file: call it when the places are open, so that a capture that cannot be made leaves no file.
   * @throws Error ENOENT, EACCES … of open(2)
   */
  open(): void {
    this.#fd = this.#openFile()
    this.#opened = this.#begin()
  }

  get #writer(): GatherWriter {
    if (this.#opened === undefined) throw new TypeError('this file was not opened')
    return this.#opened
  }

  /** Files that there are now, the oldest first. */
  get files(): readonly string[] {
    return this.#files
  }

  addInterface(it: CapturedInterface): void {
    this.#interfaces.push(it)
    // Those that are asked for by name are known before the file is there.
    if (this.#opened === undefined) return
    this.#writer.flush()
    this.#writer.write(interfaceDescription(this.#described(it)))
  }

  takeBlock(source: number, point: CapturePoint, cursor: BlockCursor, most: number): number {
    if (this.#order !== undefined) return this.#copyBlock(source, point, cursor, most, this.#order)
    return this.#writeBlock(point, cursor, most)
  }

  settle(until: number): void {
    this.#order?.release(until, (bytes) => {
      if (!this.#makeRoom(bytes.length)) return
      this.#writer.add(memoryAddress(bytes), bytes.length)
      // What was added must stay until it is written; the order no longer holds it.
      this.#held.push(bytes)
      if (this.#writer.full) this.#flushHeld()
    })
    this.#flushHeld()
  }

  #held: Buffer[] = []

  #flushHeld(): void {
    this.#writer.flush()
    this.#held = []
  }

  /**
   * Writes statistics and closes the file.
   * @param dropped packets for which the rings had no room
   */
  finish(points: readonly { readonly dropped: number; readonly interfaces: readonly CapturedInterface[] }[]): void {
    try {
      const end = BigInt(Date.now()) * 1_000_000n
      for (const { dropped, interfaces } of points) {
        interfaces.forEach((it, i) => {
          const own = interfaces.length === 1
          const comment = `${dropped} packets dropped on all interfaces of ${it.namespace} together`
          this.#writer.write(
            interfaceStatistics({
              interface: it.number,
              start: this.#started,
              end,
              received: BigInt(it.packets) + (own ? BigInt(dropped) : 0n),
              dropped: own ? BigInt(dropped) : undefined,
              ...(own || i > 0 ? {} : { comment }),
            }),
          )
        })
      }
    } finally {
      this.close()
    }
  }

  /** Closes the file as it is. */
  close(): void {
    if (typeof this.#options.to === 'string' && this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
  }

  /** Makes file blocks of the packets in place, and writes them from there. */
  #writeBlock(point: CapturePoint, cursor: BlockCursor, most: number): number {
    const { view, bytes } = cursor
    const ring = Number(point.ring.address)
    let taken = 0
    // The tail of a packet stands in the header of the next one: it is written when that has been read.
    let end = -1
    let length = 0
    let flags = 0
    while (taken < most && !this.full && cursor.next()) {
      if (end >= 0) writePacketTail(view, end, length, flags)
      end = -1
      let { start } = cursor
      length = cursor.length
      let { originalLength } = cursor
      const it = point.interfaceOf(cursor.interfaceIndex, cursor.hardwareType)
      if (cursor.vlanProtocol !== 0 && it.linkType === LinkType.ethernet && length >= 14) {
        start = restoreTag(cursor)
        length += VLAN_TAG
        originalLength += VLAN_TAG
      }
      const size = packetBlockLength(length)
      if (!this.#makeRoom(size)) break
      flags = directionFlags(cursor.packetType)
      this.#time.set(cursor.seconds, cursor.nanoseconds)
      const at = start - PACKET_HEAD
      writePacketHead(view, at, it.number, this.#time, length, originalLength)
      if (at + size <= cursor.blockEnd) {
        this.#writer.add(ring + at, size)
        end = start + length
      } else {
        // Behind the block lies what belongs to the kernel.
        const copy = Buffer.alloc(size)
        bytes.copy(copy, 0, at, start + length)
        writePacketTail(viewOf(copy), PACKET_HEAD + length, length, flags)
        this.#writer.write(copy)
      }
      it.packets++
      taken++
    }
    if (end >= 0) writePacketTail(view, end, length, flags)
    this.#writer.flush()
    return taken
  }

  #copyBlock(source: number, point: CapturePoint, cursor: BlockCursor, most: number, order: TimeOrder<Buffer>): number {
    let taken = 0
    while (taken < most && cursor.next()) {
      const it = point.interfaceOf(cursor.interfaceIndex, cursor.hardwareType)
      const tagged = cursor.vlanProtocol !== 0 && it.linkType === LinkType.ethernet && cursor.length >= 14
      const start = tagged ? restoreTag(cursor) : cursor.start
      const more = tagged ? VLAN_TAG : 0
      const length = cursor.length + more
      const copy = Buffer.allocUnsafe(packetBlockLength(length))
      const view = viewOf(copy)
      this.#time.set(cursor.seconds, cursor.nanoseconds)
      writePacketHead(view, 0, it.number, this.#time, length, cursor.originalLength + more)
      cursor.bytes.copy(copy, PACKET_HEAD, start, start + length)
      writePacketTail(view, PACKET_HEAD + length, length, directionFlags(cursor.packetType))
      order.push(source, orderTime(cursor.seconds, cursor.nanoseconds), copy)
      it.packets++
      taken++
    }
    return taken
  }

  /** Makes sure that the file may grow by so many bytes, by going on to the next one if need be. */
  #makeRoom(size: number): boolean {
    const { maxSize, maxFiles = 1 } = this.#options
    if (maxSize === undefined) return true
    const reserve = STATISTICS_RESERVE * this.#interfaces.length
    if (this.#writer.total + size + reserve <= maxSize) return true
    if (maxFiles <= 1 || this.#isFresh) {
      this.full = true
      return false
    }
    this.#rotate(maxFiles)
    return true
  }

  /** True when the file holds nothing but its head: the packet does not fit into any file. */
  get #isFresh(): boolean {
    return this.#writer.total <= this.#headBytes
  }

  #headBytes = 0

  #rotate(maxFiles: number): void {
    this.#flushHeld()
    closeSync(this.#fd)
    this.#fd = -1
    this.#fd = this.#openFile()
    while (this.#files.length > maxFiles) rmSync(this.#files.shift()!, { force: true })
    this.#opened = this.#begin()
  }

  #openFile(): number {
    const { to } = this.#options
    if (typeof to === 'number') return to
    const path = this.#number === 0 ? to : numbered(to, this.#number)
    this.#number++
    const fd = openSync(path, 'w', 0o644)
    this.#files.push(path)
    return fd
  }

  #begin(): GatherWriter {
    const { to, application, comment } = this.#options
    const writer = new GatherWriter(this.#fd, typeof to === 'string' ? this.#files.at(-1)! : 'standard output')
    writer.write(sectionHeader({ operatingSystem: `Linux ${release()}`, application, comment }))
    for (const it of this.#interfaces) writer.write(interfaceDescription(this.#described(it)))
    this.#headBytes = writer.total
    return writer
  }

  #described(it: CapturedInterface): DescribedInterface {
    const { filter, snapLength } = this.#options
    return {
      linkType: it.linkType,
      snapLength: snapLength ?? 0,
      name: it.title,
      description: it.description,
      mac: it.mac,
      filter,
      operatingSystem: `Linux ${release()}`,
    }
  }
}

/** Puts the VLAN tag back that the kernel took out, moving the addresses in front of it. @returns where the frame begins */
export function restoreTag(cursor: BlockCursor): number {
  const start = cursor.start - VLAN_TAG
  cursor.bytes.copyWithin(start, start + VLAN_TAG, start + VLAN_TAG + 12)
  cursor.view.setUint16(start + 12, cursor.vlanProtocol)
  cursor.view.setUint16(start + 14, cursor.vlanTci)
  return start
}

/** `dump.pcapng`, `dump.1.pcapng`, `dump.2.pcapng` … */
function numbered(path: string, number: number): string {
  const dot = path.lastIndexOf('.')
  const hasEnding = dot > path.lastIndexOf('/') + 1
  return hasEnding ? `${path.slice(0, dot)}.${number}${path.slice(dot)}` : `${path}.${number}`
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
