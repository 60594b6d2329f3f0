/** The data of records, from and to bytes (RFC 1035 §3.3, 2782, 3596). */
import { formatIPv4, formatIPv6, parseIp } from '../../kernel/index.ts'
import type { RecordData } from './message.ts'
import { appendName, type NamePlaces, readName } from './name.ts'
import { RecordType } from './protocol.ts'

/** Reads data of `length` bytes at `offset`, which are known to be there. @returns undefined when it is malformed */
export function readRecordData(type: number, bytes: Buffer, offset: number, length: number): RecordData | undefined {
  const end = offset + length
  switch (type) {
    case RecordType.A:
      return length === 4 ? { type: 'A', address: formatIPv4(bytes, offset) } : undefined
    case RecordType.AAAA:
      return length === 16 ? { type: 'AAAA', address: formatIPv6(bytes, offset) } : undefined
    case RecordType.CNAME:
      return readTarget('CNAME', bytes, offset, end)
    case RecordType.NS:
      return readTarget('NS', bytes, offset, end)
    case RecordType.PTR:
      return readTarget('PTR', bytes, offset, end)
    case RecordType.MX: {
      const exchange = nameUpTo(bytes, offset + 2, end)
      if (exchange === undefined) return undefined
      return { type: 'MX', preference: bytes.readUInt16BE(offset), exchange }
    }
    case RecordType.SRV:
      return readService(bytes, offset, end)
    case RecordType.TXT:
      return readTexts(bytes, offset, end)
    case RecordType.SOA:
      return readStartOfAuthority(bytes, offset, end)
    default:
      return { type: 'other', number: type, bytes: Buffer.from(bytes.subarray(offset, end)) }
  }
}

function readTarget(type: 'CNAME' | 'NS' | 'PTR', bytes: Buffer, offset: number, end: number): RecordData | undefined {
  const target = nameUpTo(bytes, offset, end)
  return target === undefined ? undefined : { type, target }
}

/** A name that fills the data up to its end. */
function nameUpTo(bytes: Buffer, offset: number, end: number): string | undefined {
  if (offset >= end) return undefined
  const read = readName(bytes, offset)
  return read?.end === end ? read.name : undefined
}

function readService(bytes: Buffer, offset: number, end: number): RecordData | undefined {
  const target = nameUpTo(bytes, offset + 6, end)
  if (target === undefined) return undefined
  const [priority, weight, port] = [0, 2, 4].map((field) => bytes.readUInt16BE(offset + field)) as [
    number,
    number,
    number,
  ]
  return { type: 'SRV', priority, weight, port, target }
}

function readTexts(bytes: Buffer, offset: number, end: number): RecordData | undefined {
  const texts: Buffer[] = []
  for (let at = offset; at < end; at += 1 + bytes[at]!) {
    if (at + 1 + bytes[at]! > end) return undefined
    texts.push(Buffer.from(bytes.subarray(at + 1, at + 1 + bytes[at]!)))
  }
  return { type: 'TXT', texts }
}

function readStartOfAuthority(bytes: Buffer, offset: number, end: number): RecordData | undefined {
  const primary = readName(bytes, offset)
  const mailbox = primary === undefined ? undefined : readName(bytes, primary.end)
  if (primary === undefined || mailbox === undefined || mailbox.end + 20 !== end) return undefined
  const number = (field: number): number => bytes.readUInt32BE(mailbox.end + 4 * field)
  return {
    type: 'SOA',
    primary: primary.name,
    mailbox: mailbox.name,
    serial: number(0),
    refresh: number(1),
    retry: number(2),
    expire: number(3),
    minimum: number(4),
  }
}

/** The number of a record's type. */
export function typeNumber(data: RecordData): number {
  return data.type === 'other' ? data.number : RecordType[data.type]
}

/** Appends data. Names in types that RFC 1035 defines are compressed, those of SRV never (RFC 2782). @throws RangeError */
export function appendRecordData(target: number[], data: RecordData, places?: NamePlaces): void {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      target.push(...parseIp(data.address))
      return
    case 'CNAME':
    case 'NS':
    case 'PTR':
      appendName(target, data.target, places)
      return
    case 'MX':
      appendU16(target, data.preference)
      appendName(target, data.exchange, places)
      return
    case 'SRV':
      for (const number of [data.priority, data.weight, data.port]) appendU16(target, number)
      appendName(target, data.target)
      return
    case 'TXT':
      for (const text of data.texts) appendText(target, text)
      return
    case 'SOA':
      appendName(target, data.primary, places)
      appendName(target, data.mailbox, places)
      for (const number of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) appendU32(target, number)
      return
    case 'other':
      for (const byte of data.bytes) target.push(byte)
  }
}

/** Appends 16 bits. */
export function appendU16(target: number[], value: number): void {
  target.push((value >> 8) & 0xff, value & 0xff)
}

/** Appends 32 bits. */
export function appendU32(target: number[], value: number): void {
  appendU16(target, value >>> 16)
  appendU16(target, value & 0xffff)
}

function appendText(target: number[], text: Buffer): void {
  if (text.length > 255) throw new RangeError(`a text of ${text.length} bytes: a TXT record takes 255`)
  target.push(text.length, ...text)
}
