/**
 * The kernel's form of a rule: a fixed header (struct ipt_entry or ip6t_entry), matches, a target, one behind the other in a
 * blob (linux/netfilter_ipv4/ip_tables.h, netfilter_ipv6/ip6_tables.h, netfilter/x_tables.h). All integers are in host order.
 */
import { readU16, readU64 } from '../netlink/byte-order.ts'
import type { IptablesCounters, IptablesFamily } from './rule.ts'

/** Offsets in the header of an entry, and its size. Addresses and masks come first: source, destination, their masks. */
interface Layout {
  readonly addressLength: number
  readonly interfaces: number
  readonly protocol: number
  readonly flags: number
  readonly inverted: number
  readonly targetOffset: number
  readonly counters: number
  readonly size: number
}

const layouts: Record<IptablesFamily, Layout> = {
  ip: {
    addressLength: 4,
    interfaces: 16,
    protocol: 80,
    flags: 82,
    inverted: 83,
    targetOffset: 88,
    counters: 96,
    size: 112,
  },
  ip6: {
    addressLength: 16,
    interfaces: 64,
    protocol: 128,
    flags: 131,
    inverted: 132,
    targetOffset: 140,
    counters: 152,
    size: 168,
  },
}

/** Header of a match or target: its size, its name in 29 bytes, its revision. */
const EXTENSION_HEADER = 32
const NAME_LENGTH = 29
const INTERFACE_LENGTH = 16

/** A match or target before its data is decoded. */
export interface RawExtension {
  readonly name: string
  readonly revision: number
  /** A view of the blob. */
  readonly data: Buffer
}

/** One entry of a blob, its parts still as bytes. */
export interface Entry extends IptablesCounters {
  /** Where in the blob it stands; jumps name entries so. */
  readonly offset: number
  /** Where the next one stands. */
  readonly next: number
  readonly source: Buffer
  readonly destination: Buffer
  readonly sourceMask: Buffer
  readonly destinationMask: Buffer
  readonly inInterface: Buffer
  readonly outInterface: Buffer
  readonly inInterfaceMask: Buffer
  readonly outInterfaceMask: Buffer
  readonly protocol: number
  readonly flags: number
  readonly inverted: number
  readonly matches: readonly RawExtension[]
  readonly target: RawExtension
}

/** All entries of a blob; `complete` is false when they stop making sense before its end. */
export function readEntries(blob: Buffer, family: IptablesFamily): { entries: Entry[]; complete: boolean } {
  const entries: Entry[] = []
  for (let offset = 0; offset < blob.length; ) {
    const entry = readEntry(blob, offset, family)
    if (entry === undefined) return { entries, complete: false }
    entries.push(entry)
    offset = entry.next
  }
  return { entries, complete: true }
}

/** The entry at `offset`; undefined when its sizes do not fit into each other and the blob. */
function readEntry(blob: Buffer, offset: number, family: IptablesFamily): Entry | undefined {
  const layout = layouts[family]
  if (offset + layout.size > blob.length) return undefined
  const targetOffset = readU16(blob, offset + layout.targetOffset)
  const length = readU16(blob, offset + layout.targetOffset + 2)
  const next = offset + length
  if (targetOffset < layout.size || targetOffset + EXTENSION_HEADER > length || next > blob.length) return undefined
  const matches = readMatches(blob, offset + layout.size, offset + targetOffset)
  if (matches === undefined) return undefined
  const address = (i: number): Buffer => slice(blob, offset + i * layout.addressLength, layout.addressLength)
  const interfaceField = (i: number): Buffer =>
    slice(blob, offset + layout.interfaces + i * INTERFACE_LENGTH, INTERFACE_LENGTH)
  return {
    offset,
    next,
    source: address(0),
    destination: address(1),
    sourceMask: address(2),
    destinationMask: address(3),
    inInterface: interfaceField(0),
    outInterface: interfaceField(1),
    inInterfaceMask: interfaceField(2),
    outInterfaceMask: interfaceField(3),
    protocol: readU16(blob, offset + layout.protocol),
    flags: blob[offset + layout.flags]!,
    inverted: blob[offset + layout.inverted]!,
    packets: readU64(blob, offset + layout.counters),
    bytes: readU64(blob, offset + layout.counters + 8),
    matches,
    target: readExtension(blob, offset + targetOffset, next),
  }
}

function readMatches(blob: Buffer, start: number, end: number): RawExtension[] | undefined {
  const out: RawExtension[] = []
  for (let at = start; at < end; ) {
    const size = at + EXTENSION_HEADER <= end ? readU16(blob, at) : 0
    if (size < EXTENSION_HEADER || at + size > end) return undefined
    out.push(readExtension(blob, at, at + size))
    at += size
  }
  return out
}

function readExtension(blob: Buffer, at: number, end: number): RawExtension {
  return {
    name: cText(slice(blob, at + 2, NAME_LENGTH)),
    revision: blob[at + 2 + NAME_LENGTH]!,
    data: blob.subarray(at + EXTENSION_HEADER, end),
  }
}

function slice(bytes: Buffer, start: number, length: number): Buffer {
  return bytes.subarray(start, start + length)
}

/** Text up to the first NUL. */
export function cText(bytes: Buffer): string {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end)
}
