/** Capturing into lines: for people one line a packet, for programs one JSON document a line. */
import { type BlockCursor, PacketStatus } from '../../kernel/index.ts'
import type { PacketSink } from './capture.ts'
import type { CapturedInterface, CapturePoint } from './capture-point.ts'
import { LineDecoder } from './decode/line-decoder.ts'
import { restoreTag } from './file-sink.ts'
import { LinkType } from './link-type.ts'
import { VLAN_TAG } from './pcapng/enhanced-packet.ts'
import { orderTime, TimeOrder } from './time-order.ts'

/** A packet as `netwright capture --json` tells it. */
export interface PacketDocument {
  readonly schema: 'netwright/packet/v1'
  /** ISO 8601 with nanoseconds, UTC. */
  readonly time: string
  readonly namespace: string
  readonly interface: string
  readonly direction: 'in' | 'out' | null
  /** Bytes on the wire, and those kept. */
  readonly length: number
  readonly captured: number
  /** What is left to the device that sends it: to compute the checksum, to cut it into segments. */
  readonly offload: { readonly checksum: boolean; readonly segments: boolean }
  readonly summary: string
}

/** How lines look. */
export interface LineSinkOptions {
  readonly sources: number
  readonly json: boolean
  /** Tell of each packet where it was seen. */
  readonly places: boolean
  /** Takes lines, each ending in a newline; what it returns is waited for. */
  readonly print: (lines: string) => Promise<void>
}

const OUTGOING = 4
const DIGITS = Array.from({ length: 1000 }, (_, number) => String(number).padStart(3, '0'))

/** Turns packets into lines. */
export class LineSink implements PacketSink {
  readonly full = false
  readonly #options: LineSinkOptions
  readonly #decoder = new LineDecoder()
  readonly #clock = new ClockText()
  readonly #order: TimeOrder<string> | undefined
  #lines: string[] = []

  constructor(options: LineSinkOptions) {
    this.#options = options
    this.#order = options.sources > 1 ? new TimeOrder(options.sources) : undefined
  }

  addInterface(): void {}

  takeBlock(source: number, point: CapturePoint, cursor: BlockCursor, most: number): number {
    let taken = 0
    while (taken < most && cursor.next()) {
      const it = point.interfaceOf(cursor.interfaceIndex, cursor.hardwareType)
      const line = this.#line(it, cursor)
      if (this.#order === undefined) this.#lines.push(line)
      else this.#order.push(source, orderTime(cursor.seconds, cursor.nanoseconds), line)
      it.packets++
      taken++
    }
    return taken
  }

  async settle(until: number): Promise<void> {
    this.#order?.release(until, (line) => this.#lines.push(line))
    if (this.#lines.length === 0) return
    const text = this.#lines.join('')
    this.#lines = []
    await this.#options.print(text)
  }

  #line(it: CapturedInterface, cursor: BlockCursor): string {
    const tagged = cursor.vlanProtocol !== 0 && it.linkType === LinkType.ethernet && cursor.length >= 14
    const start = tagged ? restoreTag(cursor) : cursor.start
    const end = cursor.start + cursor.length
    const length = cursor.originalLength + (tagged ? VLAN_TAG : 0)
    const summary = this.#decoder.frame(cursor.bytes, start, end, it.linkType, length)
    if (this.#options.json) return `${JSON.stringify(packetDocument(it, cursor, length, end - start, summary))}\n`
    const place = this.#options.places ? `${it.title} ` : ''
    const direction = cursor.packetType === OUTGOING ? 'out ' : 'in  '
    const segments = (cursor.status & PacketStatus.segmentedLater) === 0 ? '' : ' (segmented later)'
    return `${this.#clock.time(cursor.seconds, cursor.nanoseconds)} ${place}${direction}${summary}${segments}\n`
  }
}

function packetDocument(
  it: CapturedInterface,
  cursor: BlockCursor,
  length: number,
  captured: number,
  summary: string,
): PacketDocument {
  return {
    schema: 'netwright/packet/v1',
    time: isoTime(cursor.seconds, cursor.nanoseconds),
    namespace: it.namespace,
    interface: it.name,
    direction: cursor.packetType === OUTGOING ? 'out' : 'in',
    length,
    captured,
    offload: {
      checksum: (cursor.status & PacketStatus.checksumNotReady) !== 0,
      segments: (cursor.status & PacketStatus.segmentedLater) !== 0,
    },
    summary,
  }
}

/** `2026-01-01T00:00:00.123456789Z` */
export function isoTime(seconds: number, nanoseconds: number): string {
  const date = new Date(seconds * 1000)
  const whole = Number.isNaN(date.getTime()) ? '1970-01-01T00:00:00' : date.toISOString().slice(0, 19)
  return `${whole}.${String(nanoseconds).padStart(9, '0')}Z`
}

/** Local time of day to the microsecond. The second's text is made once a second. */
export class ClockText {
  #second = -1
  #text = ''

  time(seconds: number, nanoseconds: number): string {
    if (seconds !== this.#second) {
      const date = new Date(seconds * 1000)
      const two = (number: number): string => String(number).padStart(2, '0')
      this.#second = seconds
      this.#text = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.`
    }
    const microseconds = Math.floor(nanoseconds / 1000)
    return this.#text + DIGITS[Math.floor(microseconds / 1000) % 1000]! + DIGITS[microseconds % 1000]!
  }
}
