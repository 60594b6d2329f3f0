/** Messages to bytes, with compressed names. */
import type { Edns, Message, ResourceRecord } from './message.ts'
import { appendName, type NamePlaces } from './name.ts'
import { CLASS_IN, MESSAGE_LIMIT, RecordType } from './protocol.ts'
import { appendRecordData, appendU16, appendU32, typeNumber } from './record-data.ts'

/** A message that can be left to its defaults: a query with recursion desired and nothing in it. */
export type MessageInit = Partial<Message>

/**
 * Writes a message.
 * @throws RangeError when a name or an address in it is none, or the whole is longer than 65,535 bytes
 */
export function writeMessage(init: MessageInit): Buffer {
  const { questions = [], answers = [], authorities = [], additionals = [], edns, rcode = 0 } = init
  const bytes: number[] = []
  const places: NamePlaces = new Map()
  appendU16(bytes, init.id ?? 0)
  appendU16(bytes, headerFlags(init))
  const additionalCount = additionals.length + (edns === undefined ? 0 : 1)
  for (const count of [questions.length, answers.length, authorities.length, additionalCount]) appendU16(bytes, count)
  for (const question of questions) {
    appendName(bytes, question.name, places)
    appendU16(bytes, question.type)
    appendU16(bytes, question.class)
  }
  for (const record of [...answers, ...authorities, ...additionals]) appendRecord(bytes, record, places)
  if (edns !== undefined) appendOption(bytes, edns, rcode >> 4)
  if (bytes.length > MESSAGE_LIMIT) throw new RangeError(`a message of ${bytes.length} bytes: 65,535 are the most`)
  return Buffer.from(bytes)
}

/** A record on its own, without compressed names. @throws RangeError when a name or an address in it is none */
export function writeRecord(record: ResourceRecord): Buffer {
  const bytes: number[] = []
  appendRecord(bytes, record)
  return Buffer.from(bytes)
}

function headerFlags(init: MessageInit): number {
  const flag = (set: boolean | undefined, bit: number): number => (set === true ? 1 << bit : 0)
  return (
    flag(init.response, 15) |
    ((init.opcode ?? 0) << 11) |
    flag(init.authoritative, 10) |
    flag(init.truncated, 9) |
    flag(init.recursionDesired ?? true, 8) |
    flag(init.recursionAvailable, 7) |
    flag(init.authenticData, 5) |
    flag(init.checkingDisabled, 4) |
    ((init.rcode ?? 0) & 0xf)
  )
}

function appendRecord(target: number[], record: ResourceRecord, places?: NamePlaces): void {
  appendName(target, record.name, places)
  appendU16(target, typeNumber(record.data))
  appendU16(target, record.class)
  appendU32(target, record.timeToLive)
  const length = target.length
  appendU16(target, 0)
  appendRecordData(target, record.data, places)
  const written = target.length - length - 2
  target[length] = written >> 8
  target[length + 1] = written & 0xff
}

function appendOption(target: number[], edns: Edns, upperRcode: number): void {
  target.push(0)
  appendU16(target, RecordType.OPT)
  appendU16(target, edns.udpSize)
  target.push(upperRcode, edns.version, edns.dnssecOk ? 0x80 : 0, 0)
  appendU16(
    target,
    edns.options.reduce((sum, { data }) => sum + 4 + data.length, 0),
  )
  for (const { code, data } of edns.options) {
    appendU16(target, code)
    appendU16(target, data.length)
    target.push(...data)
  }
}

/** A record of the Internet's class with the given time to live, seconds. */
export function internetRecord(name: string, data: ResourceRecord['data'], timeToLive: number): ResourceRecord {
  return { name, class: CLASS_IN, timeToLive, data }
}
