/**
 * Turns queries into answers, in place: the answer is written over the query, behind its question, which it repeats as it
 * came. What is not known here is left to be forwarded.
 */
import { EncodedAnswer } from './encoded-answer.ts'
import { answerLocally, type LocalAnswer } from './local-answer.ts'
import { foldCase, readName } from './name.ts'
import { HEADER_BYTES, MESSAGE_LIMIT, Rcode, RecordType } from './protocol.ts'
import { Query, sameQuestion } from './query.ts'
import type { Zone } from './zone.ts'

/** How names are answered besides by the zone. */
export interface ResponderPolicy {
  /**
   * The user set ndots above zero: names of one label that are not known have no addresses, so that the client goes on to
   * its search list instead of being told by others that they do not exist.
   */
  readonly searchFirst: boolean
}

/** Returned when the query is to be forwarded. */
export const FORWARD = -1

/** UDP size that our OPT records tell: no fragments on any path (https://www.dnsflagday.net/2020/). */
const OUR_UDP_SIZE = 1232
const OPTION_BYTES = 11
const REMEMBERED = 1024
const NO_RECORDS: LocalAnswer = { answers: [], additionals: [] }

/** Answers queries of one sandbox. */
export class Responder {
  readonly #zone: Zone
  readonly #query = new Query()
  readonly #answers = new Map<number, EncodedAnswer>()
  #version = -1
  #policy: ResponderPolicy

  constructor(zone: Zone, policy: ResponderPolicy) {
    this.#zone = zone
    this.#policy = policy
  }

  /** Changes the policy; answers that were given before are forgotten. */
  set policy(policy: ResponderPolicy) {
    this.#policy = policy
    this.#version = -1
  }

  /**
   * Writes the answer to a UDP query of `length` bytes at `start` over it.
   * @param room where the memory ends that may be written to
   * @returns the answer's length, 0 for none, FORWARD when others have to be asked; the query is untouched then
   */
  answerDatagram(bytes: Buffer, start: number, length: number, room: number): number {
    const verdict = this.#query.read(bytes, start, length)
    if (verdict !== Rcode.noError) return this.#refuse(bytes, verdict, room)
    const answer = this.#find(bytes)
    if (answer === undefined) return FORWARD
    return this.#write(bytes, answer, Math.min(room, start + this.#query.udpLimit))
  }

  /** As `answerDatagram` for a message that came by TCP: the answer is new memory, undefined for none. */
  answerMessage(message: Buffer): Buffer | typeof FORWARD | undefined {
    const query = this.#query
    const verdict = query.read(message, 0, message.length)
    if (verdict !== Rcode.noError) {
      const refusal = Buffer.alloc(message.length + OPTION_BYTES)
      message.copy(refusal)
      const length = this.#refuse(refusal, verdict, refusal.length)
      return length === 0 ? undefined : refusal.subarray(0, length)
    }
    const answer = this.#find(message)
    if (answer === undefined) return FORWARD
    const bytes = Buffer.alloc(Math.min(query.questionEnd + answer.length + OPTION_BYTES, MESSAGE_LIMIT))
    message.copy(bytes, 0, 0, query.questionEnd)
    return bytes.subarray(0, this.#write(bytes, answer, bytes.length))
  }

  /** The answer from memory, or from the zone. */
  #find(bytes: Buffer): EncodedAnswer | undefined {
    const query = this.#query
    const version = this.#zone.version
    if (version !== this.#version) {
      this.#answers.clear()
      this.#version = version
    }
    const known = this.#answers.get(query.hash)
    if (known !== undefined && this.#isFor(known, bytes)) return known
    const found = this.#lookUp(bytes)
    if (found === undefined) return undefined
    const answer = new EncodedAnswer(query.question(bytes), found)
    if (this.#answers.size >= REMEMBERED) this.#answers.clear()
    this.#answers.set(query.hash, answer)
    return answer
  }

  #isFor(answer: EncodedAnswer, bytes: Buffer): boolean {
    const { start, questionEnd } = this.#query
    const length = questionEnd - start - HEADER_BYTES
    return answer.question.length === length && sameQuestion(answer.question, bytes, start + HEADER_BYTES)
  }

  #lookUp(bytes: Buffer): LocalAnswer | undefined {
    const { start, questionEnd, type, internet } = this.#query
    const read = internet ? readName(bytes.subarray(start, questionEnd), HEADER_BYTES) : undefined
    if (read === undefined) return undefined
    const name = foldCase(read.name)
    const answer = answerLocally(this.#zone, name, type)
    if (answer !== undefined || !this.#policy.searchFirst) return answer
    const single = name !== '' && !name.includes('.') && (type === RecordType.A || type === RecordType.AAAA)
    return single ? NO_RECORDS : undefined
  }

  #write(bytes: Buffer, answer: EncodedAnswer, limit: number): number {
    const { start, questionEnd, edns } = this.#query
    answer.write(bytes, questionEnd, edns ? limit - OPTION_BYTES : limit)
    const end = questionEnd + answer.written
    bytes[start + 2] = RESPONSE | (answer.truncated ? TRUNCATED : 0) | (bytes[start + 2]! & RECURSION_DESIRED)
    bytes[start + 3] = RECURSION_AVAILABLE | (bytes[start + 3]! & CHECKING_DISABLED)
    setU16(bytes, start + 6, answer.answerCount)
    setU16(bytes, start + 8, 0)
    setU16(bytes, start + 10, answer.additionalCount + (edns ? 1 : 0))
    return (edns ? this.#writeOption(bytes, end, 0) : end) - start
  }

  /** Answers with an error, and with the question if there is one. @returns the length; 0 when there is nothing to answer */
  #refuse(bytes: Buffer, verdict: number, room: number): number {
    if (verdict < 0) return 0
    const { start, questionEnd } = this.#query
    const edns = verdict === Rcode.badVersion && questionEnd + OPTION_BYTES <= room
    const end = questionEnd === 0 ? start + HEADER_BYTES : questionEnd
    bytes[start + 2] = RESPONSE | (bytes[start + 2]! & (OPCODE | RECURSION_DESIRED))
    bytes[start + 3] = RECURSION_AVAILABLE | (verdict & 0xf)
    setU16(bytes, start + 4, questionEnd === 0 ? 0 : 1)
    setU16(bytes, start + 6, 0)
    setU16(bytes, start + 8, 0)
    setU16(bytes, start + 10, edns ? 1 : 0)
    return (edns ? this.#writeOption(bytes, end, verdict >> 4) : end) - start
  }

  #writeOption(bytes: Buffer, offset: number, upperRcode: number): number {
    bytes[offset] = 0
    setU16(bytes, offset + 1, RecordType.OPT)
    setU16(bytes, offset + 3, OUR_UDP_SIZE)
    bytes[offset + 5] = upperRcode
    bytes[offset + 6] = 0
    bytes[offset + 7] = this.#query.dnssecOk ? 0x80 : 0
    bytes[offset + 8] = 0
    setU16(bytes, offset + 9, 0)
    return offset + OPTION_BYTES
  }
}

const RESPONSE = 0x80
const OPCODE = 0x78
const TRUNCATED = 0x02
const RECURSION_DESIRED = 0x01
const RECURSION_AVAILABLE = 0x80
const CHECKING_DISABLED = 0x10

function setU16(bytes: Buffer, offset: number, value: number): void {
  bytes[offset] = value >> 8
  bytes[offset + 1] = value & 0xff
}

/** An answer without records to a query that could not be answered. @returns undefined when it is no query at all */
export function failedAnswer(query: Buffer, rcode: number): Buffer | undefined {
  const reader = new Query()
  if (reader.read(query, 0, query.length) < 0) return undefined
  const bytes = Buffer.from(query.subarray(0, reader.questionEnd === 0 ? HEADER_BYTES : reader.questionEnd))
  bytes[2] = RESPONSE | (bytes[2]! & (OPCODE | RECURSION_DESIRED))
  bytes[3] = RECURSION_AVAILABLE | rcode
  bytes.fill(0, 4, HEADER_BYTES)
  if (reader.questionEnd !== 0) bytes[5] = 1
  return bytes
}

/** An answer from outside as the sender of a UDP query takes it: cut to its question, and marked so, when it is too long. */
export function truncatedFor(query: Buffer, answer: Buffer): Buffer {
  const reader = new Query()
  reader.read(query, 0, query.length)
  if (answer.length <= reader.udpLimit || reader.questionEnd > answer.length) return answer
  const bytes = Buffer.from(answer.subarray(0, answer.readUInt16BE(4) === 1 ? reader.questionEnd : HEADER_BYTES))
  bytes[2] = bytes[2]! | TRUNCATED
  bytes.fill(0, 6, HEADER_BYTES)
  return bytes
}
