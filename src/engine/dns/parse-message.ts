/** Messages from bytes. Whatever the bytes are, the answer is a message or undefined. */
import type { Edns, Message, Question, ResourceRecord } from './message.ts'
import { readName } from './name.ts'
import { HEADER_BYTES, RecordType } from './protocol.ts'
import { readRecordData } from './record-data.ts'

/** A record as it stands in the message, and where the next begins. */
interface ReadRecord {
  readonly record: ResourceRecord | RawOption
  readonly end: number
}

/** The OPT record uses the fields of others for its own purposes. */
interface RawOption {
  readonly edns: Edns
  readonly upperRcode: number
}

/** @returns undefined when the bytes are no well-formed message, or more follows its end */
export function parseMessage(bytes: Buffer): Message | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  const questions: Question[] = []
  let at = HEADER_BYTES
  for (let i = bytes.readUInt16BE(4); i > 0; i--) {
    const read = readName(bytes, at)
    if (read === undefined || read.end + 4 > bytes.length) return undefined
    questions.push({ name: read.name, type: bytes.readUInt16BE(read.end), class: bytes.readUInt16BE(read.end + 2) })
    at = read.end + 4
  }
  const sections: [ResourceRecord[], ResourceRecord[], ResourceRecord[]] = [[], [], []]
  let option: RawOption | undefined
  for (const [i, section] of sections.entries()) {
    for (let left = bytes.readUInt16BE(6 + 2 * i); left > 0; left--) {
      const read = readRecord(bytes, at)
      if (read === undefined) return undefined
      at = read.end
      if (!('edns' in read.record)) {
        section.push(read.record)
      } else {
        // One OPT record at most, in the additional section (RFC 6891 §6.1.1).
        if (option !== undefined || i !== 2) return undefined
        option = read.record
      }
    }
  }
  if (at !== bytes.length) return undefined
  const [answers, authorities, additionals] = sections
  return { ...readHeader(bytes, option), questions, answers, authorities, additionals, edns: option?.edns }
}

type Header = Omit<Message, 'questions' | 'answers' | 'authorities' | 'additionals' | 'edns'>

function readHeader(bytes: Buffer, option: RawOption | undefined): Header {
  const flags = bytes.readUInt16BE(2)
  const flag = (bit: number): boolean => (flags & (1 << bit)) !== 0
  return {
    id: bytes.readUInt16BE(0),
    response: flag(15),
    opcode: (flags >> 11) & 0xf,
    authoritative: flag(10),
    truncated: flag(9),
    recursionDesired: flag(8),
    recursionAvailable: flag(7),
    authenticData: flag(5),
    checkingDisabled: flag(4),
    rcode: (flags & 0xf) | ((option?.upperRcode ?? 0) << 4),
  }
}

function readRecord(bytes: Buffer, offset: number): ReadRecord | undefined {
  const read = readName(bytes, offset)
  if (read === undefined || read.end + 10 > bytes.length) return undefined
  const at = read.end
  const type = bytes.readUInt16BE(at)
  const length = bytes.readUInt16BE(at + 8)
  const start = at + 10
  const end = start + length
  if (end > bytes.length) return undefined
  if (type === RecordType.OPT) {
    const record = read.name === '' ? readOption(bytes, at, end) : undefined
    return record === undefined ? undefined : { record, end }
  }
  const data = readRecordData(type, bytes, start, length)
  if (data === undefined) return undefined
  const record = { name: read.name, class: bytes.readUInt16BE(at + 2), timeToLive: bytes.readUInt32BE(at + 4), data }
  return { record, end }
}

function readOption(bytes: Buffer, at: number, end: number): RawOption | undefined {
  const options: { code: number; data: Buffer }[] = []
  let offset = at + 10
  while (offset < end) {
    if (offset + 4 > end) return undefined
    const next = offset + 4 + bytes.readUInt16BE(offset + 2)
    if (next > end) return undefined
    options.push({ code: bytes.readUInt16BE(offset), data: Buffer.from(bytes.subarray(offset + 4, next)) })
    offset = next
  }
  const udpSize = bytes.readUInt16BE(at + 2)
  const edns = { udpSize, version: bytes[at + 5]!, dnssecOk: (bytes[at + 6]! & 0x80) !== 0, options }
  return { edns, upperRcode: bytes[at + 4]! }
}
