/** What records say: from bytes, and as one line of text in the notation of zone files (RFC 1035 §5.1). */
import { formatIPv4, formatIPv6 } from '../../kernel/index.ts'
import { readName } from './domain-name.ts'
import { RECORD_TYPES } from './record-type.ts'

/** What a record says. A type that is not listed keeps its bytes. */
export type RecordData =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'NS' | 'PTR'; readonly target: string }
  | { readonly type: 'MX'; readonly preference: number; readonly exchange: string }
  | {
      readonly type: 'SRV'
      readonly priority: number
      readonly weight: number
      readonly port: number
      readonly target: string
    }
  | { readonly type: 'TXT'; readonly texts: readonly string[] }
  | { readonly type: 'SOA'; readonly primary: string; readonly mailbox: string; readonly serial: number }
  | { readonly type: 'other'; readonly number: number; readonly hex: string }

/** Reads the data between `start` and `end`, which lie within `bytes`. Undefined when it is malformed. */
export function readRecordData(type: number, bytes: Buffer, start: number, end: number): RecordData | undefined {
  const length = end - start
  switch (type) {
    case RECORD_TYPES.A:
      return length === 4 ? { type: 'A', address: formatIPv4(bytes, start) } : undefined
    case RECORD_TYPES.AAAA:
      return length === 16 ? { type: 'AAAA', address: formatIPv6(bytes, start) } : undefined
    case RECORD_TYPES.CNAME:
      return readTarget('CNAME', bytes, start, end)
    case RECORD_TYPES.NS:
      return readTarget('NS', bytes, start, end)
    case RECORD_TYPES.PTR:
      return readTarget('PTR', bytes, start, end)
    case RECORD_TYPES.MX:
      return readExchange(bytes, start, end)
    case RECORD_TYPES.SRV:
      return readService(bytes, start, end)
    case RECORD_TYPES.TXT:
      return readTexts(bytes, start, end)
    case RECORD_TYPES.SOA:
      return readAuthority(bytes, start, end)
    default:
      return { type: 'other', number: type, hex: bytes.toString('hex', start, end) }
  }
}

/** A name that ends where the data ends. */
function nameUpTo(bytes: Buffer, start: number, end: number): string | undefined {
  const read = start < end ? readName(bytes, start) : undefined
  return read?.end === end ? read.name : undefined
}

function readTarget(type: 'CNAME' | 'NS' | 'PTR', bytes: Buffer, start: number, end: number): RecordData | undefined {
  const target = nameUpTo(bytes, start, end)
  return target === undefined ? undefined : { type, target }
}

function readExchange(bytes: Buffer, start: number, end: number): RecordData | undefined {
  const exchange = nameUpTo(bytes, start + 2, end)
  return exchange === undefined ? undefined : { type: 'MX', preference: bytes.readUInt16BE(start), exchange }
}

function readService(bytes: Buffer, start: number, end: number): RecordData | undefined {
  const target = nameUpTo(bytes, start + 6, end)
  if (target === undefined) return undefined
  const priority = bytes.readUInt16BE(start)
  return { type: 'SRV', priority, weight: bytes.readUInt16BE(start + 2), port: bytes.readUInt16BE(start + 4), target }
}

function readTexts(bytes: Buffer, start: number, end: number): RecordData | undefined {
  const texts: string[] = []
  for (let at = start; at < end; ) {
    const next = at + 1 + bytes[at]!
    if (next > end) return undefined
    texts.push(bytes.toString('utf8', at + 1, next))
    at = next
  }
  return { type: 'TXT', texts }
}

function readAuthority(bytes: Buffer, start: number, end: number): RecordData | undefined {
  const primary = readName(bytes, start)
  const mailbox = primary === undefined ? undefined : readName(bytes, primary.end)
  // Five numbers follow: serial, refresh, retry, expire, minimum.
  if (primary === undefined || mailbox === undefined || mailbox.end + 20 !== end) return undefined
  return { type: 'SOA', primary: primary.name, mailbox: mailbox.name, serial: bytes.readUInt32BE(mailbox.end) }
}

/** A record's data on one line. Names and texts come from outside: escape them before they are shown. */
export function recordText(data: RecordData): string {
  switch (data.type) {
    case 'A':
    case 'AAAA':
      return data.address
    case 'CNAME':
    case 'NS':
    case 'PTR':
      return data.target
    case 'MX':
      return `${data.preference} ${data.exchange}`
    case 'SRV':
      return `${data.priority} ${data.weight} ${data.port} ${data.target}`
    case 'TXT':
      return data.texts.map((text) => JSON.stringify(text)).join(' ')
    case 'SOA':
      return `${data.primary} ${data.mailbox} ${data.serial}`
    case 'other':
      return `\\# ${data.hex.length / 2} ${data.hex}`
  }
}
