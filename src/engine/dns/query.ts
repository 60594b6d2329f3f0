/**
 * The one question of a query, read where it lies. Almost every query has the same shape (a header, a question, perhaps an
 * OPT record), and this reads that shape without making an object, so that a resolver can answer hundreds of thousands a
 * second.
 */
import { CLASS_IN, HEADER_BYTES, PLAIN_UDP_LIMIT, Rcode, RecordType } from './protocol.ts'

/** What is to be done with a query. */
export type Verdict =
  /** Answer it. */
  | typeof Rcode.noError
  /** Answer it with this error. */
  | typeof Rcode.formatError
  | typeof Rcode.notImplemented
  | typeof Rcode.badVersion
  /** Nothing: it is no query. */
  | -1

const LONGEST_NAME = 255
const OPTION_BYTES = 11
// Fowler–Noll–Vo: spreads short strings well, and costs one multiplication a byte.
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** A query as `read` found it; the next `read` overwrites it. Offsets are into the bytes that were read. */
export class Query {
  start = 0
  /** Where the question ends; 0 when it is malformed. */
  questionEnd = 0
  type = 0
  class = 0
  /** Of the question, with its letters in lower case. */
  hash = 0
  /** The client sent an OPT record. */
  edns = false
  /** The client asks for signatures. */
  dnssecOk = false
  /** Longest answer that the client takes over UDP. */
  udpLimit = PLAIN_UDP_LIMIT

  /** Reads a message of `length` bytes at `start`. */
  read(bytes: Buffer, start: number, length: number): Verdict {
    this.start = start
    this.questionEnd = 0
    this.edns = false
    this.dnssecOk = false
    this.udpLimit = PLAIN_UDP_LIMIT
    // An answer to an answer could go on for ever.
    if (length < HEADER_BYTES || (bytes[start + 2]! & 0x80) !== 0) return -1
    if ((bytes[start + 2]! & 0x78) !== 0) return Rcode.notImplemented
    const end = start + length
    if (u16(bytes, start + 4) !== 1 || !this.#readQuestion(bytes, start + HEADER_BYTES, end)) return Rcode.formatError
    if (u16(bytes, start + 6) !== 0 || u16(bytes, start + 8) !== 0) return Rcode.formatError
    return this.#readAdditional(bytes, u16(bytes, start + 10), end)
  }

  #readQuestion(bytes: Buffer, offset: number, end: number): boolean {
    let at = offset
    let hash = FNV_OFFSET
    for (let left = 0; ; at++) {
      if (at >= end || at - offset >= LONGEST_NAME) return false
      const byte = bytes[at]!
      hash = Math.imul(hash ^ lower(byte), FNV_PRIME)
      if (left > 0) {
        left--
        continue
      }
      if (byte === 0) break
      if (byte > 63) return false
      left = byte
    }
    at++
    if (at + 4 > end) return false
    this.type = u16(bytes, at)
    this.class = u16(bytes, at + 2)
    this.hash = Math.imul(hash ^ this.type ^ (this.class << 16), FNV_PRIME) >>> 1
    this.questionEnd = at + 4
    return true
  }

  /** The OPT record, when it is all that follows; other records (signatures of the message) are passed over. */
  #readAdditional(bytes: Buffer, count: number, end: number): Verdict {
    const at = this.questionEnd
    if (count === 0) return at === end ? Rcode.noError : Rcode.formatError
    if (at + OPTION_BYTES > end) return Rcode.formatError
    if (bytes[at] !== 0 || u16(bytes, at + 1) !== RecordType.OPT) return Rcode.noError
    if (at + OPTION_BYTES + u16(bytes, at + 9) > end) return Rcode.formatError
    this.edns = true
    this.udpLimit = Math.max(u16(bytes, at + 3), PLAIN_UDP_LIMIT)
    this.dnssecOk = (bytes[at + 7]! & 0x80) !== 0
    return bytes[at + 6] === 0 ? Rcode.noError : Rcode.badVersion
  }

  /** True when the question is about the Internet's class, or about any. */
  get internet(): boolean {
    return this.class === CLASS_IN || this.class === ANY_CLASS
  }

  /** The question's bytes, as a copy. */
  question(bytes: Buffer): Buffer {
    return Buffer.from(bytes.subarray(this.start + HEADER_BYTES, this.questionEnd))
  }
}
const ANY_CLASS = 255

/** True when two questions are the same but for the case of letters. */
export function sameQuestion(question: Buffer, bytes: Buffer, offset: number): boolean {
  if (offset + question.length > bytes.length) return false
  for (let i = 0; i < question.length; i++) {
    const difference = question[i]! ^ bytes[offset + i]!
    if (difference !== 0 && (difference !== 0x20 || lower(question[i]!) !== lower(bytes[offset + i]!))) return false
  }
  return true
}

function u16(bytes: Buffer, offset: number): number {
  return (bytes[offset]! << 8) | bytes[offset + 1]!
}

/** An ASCII letter in lower case. Length bytes are below the letters. */
function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
}
