/**
 * Answers from the names of a sandbox's own networks. Only what nobody there has is for other name servers: a name that is
 * known has no other records than ours, so all other types of it are answered with none, as NXDOMAIN from outside would make
 * clients forget the name altogether (RFC 8020).
 */
import type { RecordData, ResourceRecord } from './message.ts'
import { CLASS_IN, RecordType, TIME_TO_LIVE } from './protocol.ts'
import { addressOfReverseName } from './reverse-name.ts'
import { internetRecord, writeRecord } from './write-message.ts'
import type { Zone } from './zone.ts'

/** An answer, encoded. */
export interface LocalAnswer {
  /** Records of the answer section. Each begins with a pointer to the question's name. */
  readonly answers: readonly Buffer[]
  readonly additionals: readonly Buffer[]
}

/** A pointer to the name right behind the header. */
const POINTER_TO_QUESTION = Buffer.from([0xc0, 0x0c])
const NO_RECORDS: LocalAnswer = { answers: [], additionals: [] }

/**
 * Answers a question about a canonical name.
 * @returns undefined when the name is not ours to answer
 */
export function answerLocally(zone: Zone, name: string, type: number): LocalAnswer | undefined {
  if (type === RecordType.PTR) return reverseAnswer(zone, name)
  if (type === RecordType.SRV) {
    const answer = serviceAnswer(zone, name)
    if (answer !== undefined) return answer
  }
  const addresses = zone.addresses(name)
  if (addresses === undefined) return undefined
  if (type !== RecordType.A && type !== RecordType.AAAA) return NO_RECORDS
  const records = addresses.map(addressData).filter((data) => RecordType[data.type] === type)
  return { answers: records.map(answerRecord), additionals: [] }
}

function reverseAnswer(zone: Zone, name: string): LocalAnswer | undefined {
  const address = addressOfReverseName(name)
  const target = address === undefined ? undefined : zone.nameOf(address)
  return target === undefined ? undefined : { answers: [answerRecord({ type: 'PTR', target })], additionals: [] }
}

/** One SRV record for each target, whose name is the service's own, and the targets' addresses. */
function serviceAnswer(zone: Zone, name: string): LocalAnswer | undefined {
  const targets = zone.targets(name)
  if (targets === undefined) return undefined
  const target = name.split('.').slice(2).join('.')
  const ports = [...new Set(targets.map(({ port }) => port))]
  const addresses = [...new Set(targets.flatMap(({ addresses }) => addresses))]
  return {
    answers: ports.map((port) => answerRecord({ type: 'SRV', priority: 0, weight: 0, port, target })),
    additionals: addresses.map((address) => writeRecord(internetRecord(target, addressData(address), TIME_TO_LIVE))),
  }
}

function addressData(address: string): RecordData & { readonly type: 'A' | 'AAAA' } {
  return { type: address.includes(':') ? 'AAAA' : 'A', address }
}

function answerRecord(data: RecordData): Buffer {
  const record: ResourceRecord = { name: '', class: CLASS_IN, timeToLive: TIME_TO_LIVE, data }
  // Written with the root for a name, which is one byte.
  return Buffer.concat([POINTER_TO_QUESTION, writeRecord(record).subarray(1)])
}
