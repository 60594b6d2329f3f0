/**
 * The values that attributes and fixed headers carry: each knows how to read itself from bytes and write itself to them.
 * Reading never throws on short or odd input: a value says how many bytes it needs at least, and whoever holds fewer keeps
 * the bytes as they are.
 */
import {
  littleEndian,
  readS32,
  readU16,
  readU32,
  readU64,
  writeS32,
  writeU16,
  writeU32,
  writeU64,
} from './byte-order.ts'
import type { Writer } from './writer.ts'

/** How one value lies on the wire, both directions. */
export interface Value<T> {
  /** Fewest bytes that `read` needs. */
  readonly minimum: number
  /** True when the value is a list of attributes, which the kernel wants marked with NLA_F_NESTED. */
  readonly nested?: boolean
  /** True for a value that is said by leaving the attribute out. */
  omit?(value: T): boolean
  /** Reads the value from `length` bytes at `offset`; `length` is at least `minimum`. */
  read(bytes: Buffer, offset: number, length: number): T
  /** Appends the value. */
  write(writer: Writer, value: T): void
}

/** A value of exactly `minimum` bytes, which fixed headers are made of. */
export interface FixedValue<T> extends Value<T> {
  readonly fixed: true
}

/** The TypeScript type that a value decodes to. */
export type ValueType<V> = V extends Value<infer T> ? T : never

function fixed<T>(
  minimum: number,
  read: (bytes: Buffer, offset: number) => T,
  put: (bytes: Buffer, value: T, offset: number) => void,
): FixedValue<T> {
  return {
    fixed: true,
    minimum,
    read,
    write(writer, value) {
      const offset = writer.reserve(minimum)
      put(writer.bytes, value, offset)
    },
  }
}

/** Unsigned 8-bit integer. */
export const u8 = fixed<number>(
  1,
  (bytes, offset) => bytes[offset]!,
  (bytes, value, offset) => bytes.writeUInt8(value, offset),
)
/** Signed 8-bit integer. */
export const s8 = fixed<number>(
  1,
  (bytes, offset) => bytes.readInt8(offset),
  (bytes, value, offset) => bytes.writeInt8(value, offset),
)
/** Signed 16-bit integer, host order. */
export const s16 = fixed<number>(
  2,
  (bytes, offset) => (readU16(bytes, offset) << 16) >> 16,
  littleEndian
    ? (bytes, value, offset) => bytes.writeInt16LE(value, offset)
    : (bytes, value, offset) => bytes.writeInt16BE(value, offset),
)
/** Unsigned 16-bit integer, host order. */
export const u16 = fixed<number>(2, readU16, writeU16)
/** Unsigned 32-bit integer, host order. */
export const u32 = fixed<number>(4, readU32, writeU32)
/** Signed 32-bit integer, host order. */
export const s32 = fixed<number>(4, readS32, writeS32)
/** Unsigned 64-bit integer, host order. */
export const u64 = fixed<bigint>(8, readU64, writeU64)
/** Signed 64-bit integer, host order. */
export const s64 = fixed<bigint>(
  8,
  (bytes, offset) => BigInt.asIntN(64, readU64(bytes, offset)),
  littleEndian
    ? (bytes, value, offset) => bytes.writeBigInt64LE(value, offset)
    : (bytes, value, offset) => bytes.writeBigInt64BE(value, offset),
)
/** Unsigned integer that the kernel sends in 32 bits when it fits and in 64 when it does not (NLA_UINT, Linux 6.7). */
export const uint: Value<bigint> = {
  minimum: 4,
  read: (bytes, offset, length) => (length < 8 ? BigInt(readU32(bytes, offset)) : readU64(bytes, offset)),
  write(writer, value) {
    if (value <= 0xffffffffn) u32.write(writer, Number(value))
    else u64.write(writer, value)
  },
}
/** Unsigned 16-bit integer, network order. */
export const be16 = fixed<number>(
  2,
  (bytes, offset) => bytes.readUInt16BE(offset),
  (bytes, value, offset) => bytes.writeUInt16BE(value, offset),
)
/** Unsigned 32-bit integer, network order. */
export const be32 = fixed<number>(
  4,
  (bytes, offset) => bytes.readUInt32BE(offset),
  (bytes, value, offset) => bytes.writeUInt32BE(value, offset),
)
/** Unsigned 64-bit integer, network order. */
export const be64 = fixed<bigint>(
  8,
  (bytes, offset) => bytes.readBigUInt64BE(offset),
  (bytes, value, offset) => bytes.writeBigUInt64BE(value, offset),
)
/** A byte that means yes or no. */
export const bool8 = fixed<boolean>(
  1,
  (bytes, offset) => bytes[offset] !== 0,
  (bytes, value, offset) => bytes.writeUInt8(value ? 1 : 0, offset),
)

/** Bytes of a header that carry nothing. They are written as zeros. */
export function pad(count: number): FixedValue<undefined> {
  return {
    fixed: true,
    minimum: count,
    read: () => undefined,
    write(writer) {
      writer.reserve(count)
    },
  }
}

/** Exactly `count` bytes, copied. */
export function fixedBytes(count: number): FixedValue<Buffer> {
  return {
    fixed: true,
    minimum: count,
    read: (bytes, offset) => Buffer.from(bytes.subarray(offset, offset + count)),
    write(writer, value) {
      const start = writer.reserve(count)
      writer.bytes.set(value.subarray(0, count), start)
    },
  }
}

/** Text in exactly `size` bytes, ended by NUL unless it fills them all. */
export function fixedString(size: number): FixedValue<string> {
  return {
    fixed: true,
    minimum: size,
    read: (bytes, offset) => textUntilNul(bytes, offset, size),
    write(writer, value) {
      const text = Buffer.from(value, 'utf8')
      if (text.length >= size) throw new RangeError(`"${value}" is longer than the ${size - 1} bytes that fit`)
      const start = writer.reserve(size)
      writer.bytes.set(text, start)
    },
  }
}

/** Bytes as they are, copied out of the receive buffer, which the next message overwrites. */
export const raw: Value<Buffer> = {
  minimum: 0,
  read: (bytes, offset, length) => Buffer.from(bytes.subarray(offset, offset + length)),
  write(writer, value) {
    writer.append(value)
  },
}

/** Text. The kernel ends most of its strings with NUL and accepts them with and without. */
export const string: Value<string> = {
  minimum: 0,
  read: textUntilNul,
  write(writer, value) {
    writer.append(Buffer.from(`${value}\0`, 'utf8'))
  },
}

/** An attribute that the kernel tells as a byte but takes as a flag: only its presence counts when it is written. */
export const presence: Value<boolean> = {
  minimum: 0,
  omit: (value) => !value,
  read: (bytes, offset, length) => length === 0 || bytes[offset] !== 0,
  write() {},
}

/** An attribute whose presence alone is its meaning; `false` must be left out rather than written. */
export const flag: Value<true> = {
  minimum: 0,
  read: () => true,
  write() {},
}

// Interface names and kinds: putting a few characters together here is quicker than asking Buffer, which leaves JavaScript.
const SHORT_TEXT = 24
const CHARACTERS = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))

function textUntilNul(bytes: Buffer, offset: number, length: number): string {
  const limit = offset + length
  let text = ''
  for (let at = offset; at < limit; at++) {
    const byte = bytes[at]!
    if (byte === 0) return text
    if (byte >= 0x80 || at - offset === SHORT_TEXT) return longText(bytes, offset, length)
    text += CHARACTERS[byte]
  }
  return text
}

function longText(bytes: Buffer, offset: number, length: number): string {
  const limit = offset + length
  let end = offset
  while (end < limit && bytes[end] !== 0) end++
  return bytes.toString('utf8', offset, end)
}

/** A layout of fixed values, one behind the other. Keys whose value is `pad` do not appear in the decoded object. */
export type StructFields = Record<string, FixedValue<unknown>>
/** What a struct decodes to. */
export type StructOf<F extends StructFields> = {
  -readonly [K in keyof F as ValueType<F[K]> extends undefined ? never : K]: ValueType<F[K]>
}

/** A fixed structure; missing numbers are written as zero, so that a request names only the fields it means. */
export interface Struct<F extends StructFields> extends FixedValue<StructOf<F>> {
  readonly fields: F
  /** Writes the fields that `value` has, zeros for the others. */
  writePartial(writer: Writer, value: Partial<StructOf<F>>): void
}

/** A C structure without holes of its own: alignment gaps are given as `pad`. */
export function struct<F extends StructFields>(fields: F): Struct<F> {
  const members = Object.entries(fields).map(([name, value]) => ({ name, value }))
  const minimum = members.reduce((sum, member) => sum + member.value.minimum, 0)
  // Offsets are worked out at the first reading: most structures of the program are never read in one run of it.
  let named: readonly PlacedMember[] | undefined
  const writePartial = (writer: Writer, value: Record<string, unknown>): void => {
    for (const member of members) {
      const given = value[member.name]
      if (given === undefined) writer.reserve(member.value.minimum)
      else member.value.write(writer, given)
    }
  }
  return {
    fixed: true,
    fields,
    minimum,
    read(bytes, offset) {
      named ??= placeMembers(members)
      const out: Record<string, unknown> = {}
      for (const member of named)
        out[member.name] = member.value.read(bytes, offset + member.offset, member.value.minimum)
      return out as StructOf<F>
    },
    write: writePartial as (writer: Writer, value: StructOf<F>) => void,
    writePartial: writePartial as (writer: Writer, value: Partial<StructOf<F>>) => void,
  }
}

interface Member {
  readonly name: string
  readonly value: FixedValue<unknown>
}

interface PlacedMember extends Member {
  readonly offset: number
}

/** Members with their offsets, without those that carry nothing. */
function placeMembers(members: readonly Member[]): PlacedMember[] {
  const placed: PlacedMember[] = []
  let offset = 0
  for (const member of members) {
    const { minimum } = member.value
    const isPadding = member.value.read(Buffer.alloc(minimum), 0, minimum) === undefined
    if (!isPadding) placed.push({ ...member, offset })
    offset += minimum
  }
  return placed
}

/** Structures one behind the other until the attribute ends; a rest too short for one more is ignored. */
export function repeat<T>(element: FixedValue<T>): Value<T[]> {
  return {
    minimum: 0,
    read(bytes, offset, length) {
      const out: T[] = []
      for (let at = offset; at + element.minimum <= offset + length; at += element.minimum) {
        out.push(element.read(bytes, at, element.minimum))
      }
      return out
    },
    write(writer, values) {
      for (const value of values) element.write(writer, value)
    },
  }
}

/** A value seen through a conversion, for numbers that mean a word. */
export function mapped<T, U>(value: Value<T>, to: (inner: T) => U, from: (outer: U) => T): Value<U> {
  return {
    minimum: value.minimum,
    ...(value.nested === undefined ? {} : { nested: value.nested }),
    read: (bytes, offset, length) => to(value.read(bytes, offset, length)),
    write: (writer, outer) => value.write(writer, from(outer)),
  }
}
