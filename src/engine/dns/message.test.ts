import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message, RecordData, ResourceRecord } from './message.ts'
import { appendName, canonicalName, labelsOf, readName } from './name.ts'
import { parseMessage } from './parse-message.ts'
import { writeMessage } from './write-message.ts'

const answer = Buffer.from(
  [
    'abcd 8580', // id; response, authoritative, recursion desired and available
    '0001 0002 0000 0001', // a question, two answers, one more record
    '03 777777 07 6578616d706c65 03 6f7267 00 0001 0001', // www.example.org A IN
    'c00c 0005 0001 00000e10 0006 03 776562 c010', // CNAME, 1 h: web, and example.org from offset 16
    'c02d 0001 0001 0000003c 0004 0a3c0002', // web.example.org A, 60 s: 10.60.0.2
    '00 0029 04d0 00 00 8000 0000', // OPT: 1232 bytes, version 0, DNSSEC OK
  ]
    .join('')
    .replaceAll(' ', ''),
  'hex',
)

const answerMessage: Message = {
  id: 0xabcd,
  response: true,
  opcode: 0,
  authoritative: true,
  truncated: false,
  recursionDesired: true,
  recursionAvailable: true,
  authenticData: false,
  checkingDisabled: false,
  rcode: 0,
  questions: [{ name: 'www.example.org', type: 1, class: 1 }],
  answers: [
    { name: 'www.example.org', class: 1, timeToLive: 3600, data: { type: 'CNAME', target: 'web.example.org' } },
    { name: 'web.example.org', class: 1, timeToLive: 60, data: { type: 'A', address: '10.60.0.2' } },
  ],
  authorities: [],
  additionals: [],
  edns: { udpSize: 1232, version: 0, dnssecOk: true, options: [] },
}

test('a message reads as it is written in RFC 1035 and 6891', () => {
  expect(parseMessage(answer)).toEqual(answerMessage)
})

test('a message is written with its names compressed', () => {
  expect(writeMessage(answerMessage).toString('hex')).toBe(answer.toString('hex'))
})

const label = fc.uint8Array({ minLength: 1, maxLength: 20 })
const name = fc
  .array(label, { maxLength: 6 })
  .map((labels) => readName(Uint8Array.from([...labels.flatMap((bytes) => [bytes.length, ...bytes]), 0]), 0)!.name)
const u16 = fc.nat(0xffff)
const u32 = fc.nat(0xffffffff)
const bytes = fc.uint8Array({ maxLength: 255 }).map((it) => Buffer.from(it))
const data: fc.Arbitrary<RecordData> = fc.oneof(
  fc.record({ type: fc.constant('A' as const), address: fc.ipV4() }),
  fc.record({ type: fc.constant('AAAA' as const), address: fc.constantFrom('::', 'fd00::1', '2001:db8::a:0:1') }),
  fc.record({ type: fc.constantFrom('CNAME' as const, 'NS' as const, 'PTR' as const), target: name }),
  fc.record({ type: fc.constant('MX' as const), preference: u16, exchange: name }),
  fc.record({ type: fc.constant('SRV' as const), priority: u16, weight: u16, port: u16, target: name }),
  fc.record({ type: fc.constant('TXT' as const), texts: fc.array(bytes, { maxLength: 3 }) }),
  fc.record({
    type: fc.constant('SOA' as const),
    primary: name,
    mailbox: name,
    serial: u32,
    refresh: u32,
    retry: u32,
    expire: u32,
    minimum: u32,
  }),
  fc.record({ type: fc.constant('other' as const), number: fc.integer({ min: 64, max: 65_000 }), bytes }),
)
const record: fc.Arbitrary<ResourceRecord> = fc.record({ name, class: u16, timeToLive: u32, data })
const records = fc.array(record, { maxLength: 4 })
const message: fc.Arbitrary<Message> = fc.record({
  id: u16,
  response: fc.boolean(),
  opcode: fc.nat(15),
  authoritative: fc.boolean(),
  truncated: fc.boolean(),
  recursionDesired: fc.boolean(),
  recursionAvailable: fc.boolean(),
  authenticData: fc.boolean(),
  checkingDisabled: fc.boolean(),
  rcode: fc.nat(15),
  questions: fc.array(fc.record({ name, type: u16, class: u16 }), { maxLength: 3 }),
  answers: records,
  authorities: records,
  additionals: records,
  edns: fc.option(
    fc.record({
      udpSize: u16,
      version: fc.nat(255),
      dnssecOk: fc.boolean(),
      options: fc.array(fc.record({ code: u16, data: bytes }), { maxLength: 3 }),
    }),
    { nil: undefined },
  ),
})

test('what is written reads as it was', () => {
  fc.assert(
    fc.property(message, (it) => {
      expect(parseMessage(writeMessage(it))).toEqual(it)
    }),
    { numRuns: 500 },
  )
})

test('a message that is cut or has a byte too many is none', () => {
  for (let length = 0; length < answer.length; length++) {
    expect(parseMessage(answer.subarray(0, length)), `${length} bytes`).toBeUndefined()
  }
  expect(parseMessage(Buffer.concat([answer, Buffer.alloc(1)]))).toBeUndefined()
})

test('random bytes, and messages with random bytes in them, never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (it) => void parseMessage(Buffer.from(it))),
    { numRuns: 20_000 },
  )
  const change = fc.array(fc.tuple(fc.nat(answer.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(change, (changes) => {
      const bytes = Buffer.from(answer)
      for (const [offset, byte] of changes) bytes[offset] = byte
      parseMessage(bytes)
    }),
    { numRuns: 20_000 },
  )
})

test('compression pointers that lead in circles, forward or nowhere are refused', () => {
  expect(readName(Buffer.from('c000', 'hex'), 0)).toBeUndefined()
  expect(readName(Buffer.from('c002c000', 'hex'), 0)).toBeUndefined()
  expect(readName(Buffer.from('0161c000', 'hex'), 0)).toBeUndefined()
  expect(readName(Buffer.from('c0ff', 'hex'), 0)).toBeUndefined()
})

test('names keep every byte in text, and compare without regard to case', () => {
  const written: number[] = []
  appendName(written, 'a\\.b.c\\\\d.\\000\\255')
  expect(Buffer.from(written).toString('hex')).toBe('03612e6203635c640200ff00')
  expect(readName(Uint8Array.from(written), 0)?.name).toBe('a\\.b.c\\\\d.\\000\\255')
  expect(canonicalName('Web.Example.ORG.')).toBe('web.example.org')
  expect(canonicalName('é')).toBe('\\195\\169')
})

test.each(['a..b', '.a', 'x'.repeat(64), `${'x.'.repeat(128)}`, 'a\\', 'a\\25', 'a\\256'])(
  '%j is no domain name',
  (text) => {
    expect(labelsOf(text)).toBeUndefined()
  },
)
