/** Questions to name servers as bytes, and their answers from bytes (RFC 1035 §4, RFC 6891). */
import { encodeName, readName } from './domain-name.ts'
import { type RecordData, readRecordData } from './record-data.ts'
import { CLASS_IN, OPT } from './record-type.ts'

/** What is asked. */
export interface Question {
  readonly name: string
  /** Number of a record type. */
  readonly type: number
}

/** A question on its way. */
export interface QuestionInit extends Question {
  /** 16 bits that the answer repeats. */
  readonly id: number
  /** Longest UDP answer taken, told by an OPT record; without it 512 bytes, and no OPT record. */
  readonly udpSize?: number
}

/** A record of an answer. */
export interface ResourceRecord {
  readonly name: string
  /** Seconds. */
  readonly timeToLive: number
  readonly data: RecordData
}

/** An answer. */
export interface Answer {
  readonly id: number
  /** Cut short: to be asked again over TCP. */
  readonly truncated: boolean
  readonly authoritative: boolean
  readonly recursionAvailable: boolean
  /** With the upper bits that EDNS adds. */
  readonly rcode: number
  /** Undefined when the server could not even read the question. */
  readonly question: Question | undefined
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  /** The server answered with an OPT record. */
  readonly edns: boolean
}

const HEADER_BYTES = 12
const RECURSION_DESIRED = 0x0100

/** A question's bytes. @throws RangeError when the name is no domain name */
export function encodeQuestion({ id, name, type, udpSize }: QuestionInit): Buffer {
  const encoded = encodeName(name)
  if (encoded === undefined) throw new RangeError(`${JSON.stringify(name)} is not a domain name`)
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt16BE(id, 0)
  header.writeUInt16BE(RECURSION_DESIRED, 2)
  header.writeUInt16BE(1, 4)
  header.writeUInt16BE(udpSize === undefined ? 0 : 1, 10)
  const tail = Buffer.alloc(4)
  tail.writeUInt16BE(type, 0)
  tail.writeUInt16BE(CLASS_IN, 2)
  return Buffer.concat([header, encoded, tail, udpSize === undefined ? Buffer.alloc(0) : optRecord(udpSize)])
}

/** An OPT record: the root's name, its type, the size, no extended code, version 0, no flags, no options. */
function optRecord(udpSize: number): Buffer {
  const bytes = Buffer.alloc(11)
  bytes.writeUInt16BE(OPT, 1)
  bytes.writeUInt16BE(udpSize, 3)
  return bytes
}

/** An answer from its bytes. Undefined when they are none, or malformed. A message that is cut short may end anywhere. */
export function decodeAnswer(bytes: Buffer): Answer | undefined {
  if (bytes.length < HEADER_BYTES || (bytes[2]! & 0x80) === 0) return undefined
  const flags = bytes.readUInt16BE(2)
  const truncated = (flags & 0x0200) !== 0
  const questions = readQuestions(bytes)
  if (questions === undefined) return undefined
  const sections = readSections(bytes, questions.end)
  if (sections === undefined && !truncated) return undefined
  return {
    id: bytes.readUInt16BE(0),
    truncated,
    authoritative: (flags & 0x0400) !== 0,
    recursionAvailable: (flags & 0x0080) !== 0,
    rcode: (flags & 0xf) | ((sections?.upperRcode ?? 0) << 4),
    question: questions.question,
    answers: sections?.answers ?? [],
    authorities: sections?.authorities ?? [],
    edns: sections?.upperRcode !== undefined,
  }
}

function readQuestions(bytes: Buffer): { readonly question: Question | undefined; readonly end: number } | undefined {
  const count = bytes.readUInt16BE(4)
  if (count === 0) return { question: undefined, end: HEADER_BYTES }
  const read = readName(bytes, HEADER_BYTES)
  if (count !== 1 || read === undefined || read.end + 4 > bytes.length) return undefined
  return { question: { name: read.name, type: bytes.readUInt16BE(read.end) }, end: read.end + 4 }
}

interface Sections {
  readonly answers: readonly ResourceRecord[]
  readonly authorities: readonly ResourceRecord[]
  readonly upperRcode: number | undefined
}

function readSections(bytes: Buffer, offset: number): Sections | undefined {
  const sections: ResourceRecord[][] = [[], [], []]
  let upperRcode: number | undefined
  let at = offset
  for (const [i, section] of sections.entries()) {
    for (let left = bytes.readUInt16BE(6 + 2 * i); left > 0; left--) {
      const owner = readName(bytes, at)
      if (owner === undefined || owner.end + 10 > bytes.length) return undefined
      const start = owner.end + 10
      const end = start + bytes.readUInt16BE(owner.end + 8)
      if (end > bytes.length) return undefined
      const type = bytes.readUInt16BE(owner.end)
      // In an OPT record the field for the time to live begins with the upper bits of the response code.
      if (type === OPT) upperRcode = bytes[owner.end + 4]!
      else {
        const data = readRecordData(type, bytes, start, end)
        if (data === undefined) return undefined
        section.push({ name: owner.name, timeToLive: bytes.readUInt32BE(owner.end + 4), data })
      }
      at = end
    }
  }
  return { answers: sections[0]!, authorities: sections[1]!, upperRcode }
}
