/** Blocks that are written once a file or an interface: section header, interface description, statistics. */
import {
  Block,
  BYTE_ORDER_MAGIC,
  InterfaceOption,
  LITTLE,
  NANOSECONDS,
  Option,
  SectionOption,
  StatisticsOption,
} from './block-types.ts'

/** What the head of a file tells. */
export interface SectionHead {
  readonly operatingSystem: string
  readonly application: string
  readonly comment: string
}

/** An interface that packets of a file were captured on. */
export interface DescribedInterface {
  readonly linkType: number
  /** Bytes kept of each packet; 0 for all. */
  readonly snapLength: number
  readonly name: string
  readonly description: string
  /** `02:42:ac:11:00:02`; undefined for an interface without. */
  readonly mac: string | undefined
  readonly filter: string | undefined
  readonly operatingSystem: string
}

/** What became of the packets of an interface. */
export interface InterfaceCounts {
  /** Its number in the file, from 0. */
  readonly interface: number
  /** Nanoseconds since 1970. */
  readonly start: bigint
  readonly end: bigint
  readonly received: bigint
  /** Undefined when that is not known for this interface alone. */
  readonly dropped: bigint | undefined
  readonly comment?: string
}

/** Longest text of an option, in bytes. */
const LONGEST_TEXT = 4096
const FILTER_IS_TEXT = 0

/** The first block of a file. */
export function sectionHeader(head: SectionHead): Buffer {
  const body = Buffer.alloc(16)
  const view = viewOf(body)
  view.setUint32(0, BYTE_ORDER_MAGIC, LITTLE)
  view.setUint16(4, 1, LITTLE)
  view.setUint16(6, 0, LITTLE)
  // The length of the section is not known while it is written.
  view.setBigInt64(8, -1n, LITTLE)
  return block(Block.sectionHeader, body, [
    textOption(Option.comment, head.comment),
    textOption(SectionOption.operatingSystem, head.operatingSystem),
    textOption(SectionOption.application, head.application),
  ])
}

/** Describes an interface; the first is number 0, the next 1, and so on. */
export function interfaceDescription(it: DescribedInterface): Buffer {
  const body = Buffer.alloc(8)
  const view = viewOf(body)
  view.setUint16(0, it.linkType, LITTLE)
  view.setUint32(4, it.snapLength, LITTLE)
  const filter = it.filter === undefined ? [] : [Buffer.from([FILTER_IS_TEXT]), textBytes(it.filter)]
  return block(Block.interface, body, [
    textOption(InterfaceOption.name, it.name),
    textOption(InterfaceOption.description, it.description),
    ...(it.mac === undefined ? [] : [option(InterfaceOption.mac, Buffer.from(it.mac.replaceAll(':', ''), 'hex'))]),
    option(InterfaceOption.timeResolution, Buffer.from([NANOSECONDS])),
    ...(filter.length === 0 ? [] : [option(InterfaceOption.filter, Buffer.concat(filter))]),
    textOption(InterfaceOption.operatingSystem, it.operatingSystem),
  ])
}

/** The counts of an interface, at the end of a file. */
export function interfaceStatistics(counts: InterfaceCounts): Buffer {
  const body = Buffer.alloc(12)
  viewOf(body).setUint32(0, counts.interface, LITTLE)
  writeTime(body, 4, counts.end)
  return block(Block.statistics, body, [
    ...(counts.comment === undefined ? [] : [textOption(Option.comment, counts.comment)]),
    timeOption(StatisticsOption.startTime, counts.start),
    timeOption(StatisticsOption.endTime, counts.end),
    countOption(StatisticsOption.received, counts.received),
    ...(counts.dropped === undefined ? [] : [countOption(StatisticsOption.droppedByHost, counts.dropped)]),
  ])
}

function block(type: number, body: Buffer, options: readonly Buffer[]): Buffer {
  const content = Buffer.concat([body, ...options, option(Option.end, Buffer.alloc(0))])
  const out = Buffer.alloc(content.length + 12)
  const view = viewOf(out)
  view.setUint32(0, type, LITTLE)
  view.setUint32(4, out.length, LITTLE)
  content.copy(out, 8)
  view.setUint32(out.length - 4, out.length, LITTLE)
  return out
}

function option(code: number, value: Uint8Array): Buffer {
  const out = Buffer.alloc(4 + ((value.length + 3) & ~3))
  const view = viewOf(out)
  view.setUint16(0, code, LITTLE)
  view.setUint16(2, value.length, LITTLE)
  out.set(value, 4)
  return out
}

function textOption(code: number, text: string): Buffer {
  return option(code, textBytes(text))
}

/** Cut where a character begins, so that no half of one is left. */
function textBytes(text: string): Buffer {
  const bytes = Buffer.from(text)
  if (bytes.length <= LONGEST_TEXT) return bytes
  let end = LONGEST_TEXT
  while ((bytes[end]! & 0xc0) === 0x80) end--
  return bytes.subarray(0, end)
}

function timeOption(code: number, time: bigint): Buffer {
  const value = Buffer.alloc(8)
  writeTime(value, 0, time)
  return option(code, value)
}

function countOption(code: number, count: bigint): Buffer {
  const value = Buffer.alloc(8)
  viewOf(value).setBigUint64(0, count, LITTLE)
  return option(code, value)
}

/** A time is two words, the high one first, in whatever byte order. */
function writeTime(bytes: Buffer, at: number, time: bigint): void {
  const view = viewOf(bytes)
  view.setUint32(at, Number(time >> 32n), LITTLE)
  view.setUint32(at + 4, Number(time & 0xffffffffn), LITTLE)
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
