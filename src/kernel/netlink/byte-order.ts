/**
 * Integers as the wire has them. Netlink headers and most attributes are in the byte order of the host (netlink(7)); some
 * attributes are in network order, and their tables say so.
 */
import { endianness } from 'node:os'

/** True on hosts that store the low byte first. */
export const littleEndian = endianness() === 'LE'

// Written out rather than asked of Buffer, whose methods check what our callers have checked already: reading a link means
// a hundred of these, and asking made it a quarter slower.

/** Reads an unsigned 16-bit integer in host order. */
export const readU16: (bytes: Buffer, offset: number) => number = littleEndian
  ? (bytes, offset) => bytes[offset]! | (bytes[offset + 1]! << 8)
  : (bytes, offset) => (bytes[offset]! << 8) | bytes[offset + 1]!
/** Reads a signed 32-bit integer in host order. */
export const readS32: (bytes: Buffer, offset: number) => number = littleEndian
  ? (bytes, offset) =>
      bytes[offset]! | (bytes[offset + 1]! << 8) | (bytes[offset + 2]! << 16) | (bytes[offset + 3]! << 24)
  : (bytes, offset) =>
      (bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!
/** Reads an unsigned 32-bit integer in host order. */
export const readU32 = (bytes: Buffer, offset: number): number => readS32(bytes, offset) >>> 0
/** Reads an unsigned 64-bit integer in host order. */
export const readU64: (bytes: Buffer, offset: number) => bigint = littleEndian
  ? (bytes, offset) => bytes.readBigUInt64LE(offset)
  : (bytes, offset) => bytes.readBigUInt64BE(offset)
/** Writes an unsigned 16-bit integer in host order. */
export const writeU16: (bytes: Buffer, value: number, offset: number) => void = littleEndian
  ? (bytes, value, offset) => bytes.writeUInt16LE(value, offset)
  : (bytes, value, offset) => bytes.writeUInt16BE(value, offset)
/** Writes an unsigned 32-bit integer in host order. */
export const writeU32: (bytes: Buffer, value: number, offset: number) => void = littleEndian
  ? (bytes, value, offset) => bytes.writeUInt32LE(value, offset)
  : (bytes, value, offset) => bytes.writeUInt32BE(value, offset)
/** Writes a signed 32-bit integer in host order. */
export const writeS32: (bytes: Buffer, value: number, offset: number) => void = littleEndian
  ? (bytes, value, offset) => bytes.writeInt32LE(value, offset)
  : (bytes, value, offset) => bytes.writeInt32BE(value, offset)
/** Writes an unsigned 64-bit integer in host order. */
export const writeU64: (bytes: Buffer, value: bigint, offset: number) => void = littleEndian
  ? (bytes, value, offset) => bytes.writeBigUInt64LE(value, offset)
  : (bytes, value, offset) => bytes.writeBigUInt64BE(value, offset)
