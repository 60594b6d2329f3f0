import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressOfReverseName, encodeName, readName, reverseName, sameName } from './domain-name.ts'
import { decodeAnswer, encodeQuestion } from './message.ts'
import { recordText } from './record-data.ts'

const bytes = (...parts: string[]): Buffer => Buffer.from(parts.join('').replace(/\s/g, ''), 'hex')
const WEB = '03 776562 00' // web.

test('a question, with and without EDNS', () => {
  const plain = encodeQuestion({ id: 0x1234, name: 'web', type: 1 })
  //                            id   flags one question           name          A    IN
  expect(plain).toEqual(bytes('1234 0100 0001 0000 0000 0000', WEB, '0001 0001'))
  const edns = encodeQuestion({ id: 0x1234, name: 'web.', type: 28, udpSize: 1232 })
  expect(edns).toEqual(bytes('1234 0100 0001 0000 0000 0001', WEB, '001c 0001', '00 0029 04d0 00000000 0000'))
})

test('an answer: an alias and its address, with compressed names', () => {
  const answer = decodeAnswer(
    bytes(
      ...['1234 8580 0001 0002 0000 0001', WEB, '0001 0001'],
      // web CNAME app.web (the name points back at the question)
      ...['c00c 0005 0001 0000003c 0006', '03 617070 c00c'],
      // app.web A 10.0.0.7
      ...['c021 0001 0001 0000003c 0004', '0a000007'],
      // OPT with upper bits 1 of the response code
      '00 0029 04d0 01 00 0000 0000',
    ),
  )!
  expect(answer).toMatchObject({
    id: 0x1234,
    authoritative: true,
    recursionAvailable: true,
    truncated: false,
    rcode: 16,
    edns: true,
  })
  expect(answer.question).toEqual({ name: 'web', type: 1 })
  expect(answer.answers.map(({ name, data }) => `${name} ${data.type} ${recordText(data)}`)).toEqual([
    'web CNAME app.web',
    'app.web A 10.0.0.7',
  ])
})

test('what is no answer is none: a question, a cut message, a name that points at itself', () => {
  expect(decodeAnswer(encodeQuestion({ id: 1, name: 'web', type: 1 }))).toBeUndefined()
  expect(decodeAnswer(bytes('1234 8180 0001 0001 0000 0000', WEB, '0001 0001', 'c00c 0001'))).toBeUndefined()
  expect(decodeAnswer(bytes('1234 8180 0001 0000 0000 0000', 'c00c 0001 0001'))).toBeUndefined()
  // A message that says of itself that it was cut short may be.
  expect(decodeAnswer(bytes('1234 8380 0001 0001 0000 0000', WEB, '0001 0001', 'c00c 0001'))).toMatchObject({
    truncated: true,
  })
})

test('garbage never throws', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (raw) => void decodeAnswer(Buffer.from(raw))))
  const start = bytes('1234 8180 0001 0002 0001 0001', WEB, '0001 0001')
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (raw) => void decodeAnswer(Buffer.concat([start, raw]))))
})

test('names come back as they were written, also with dots and controls within labels', () => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 63 })
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 3 }), (labels) => {
      const wire = Buffer.concat([
        ...labels.flatMap((it) => [Buffer.from([it.length]), Buffer.from(it)]),
        Buffer.from([0]),
      ])
      const { name } = readName(wire, 0)!
      expect(encodeName(name)).toEqual(wire)
    }),
  )
})

test('what is no name is refused', () => {
  for (const name of ['a..b', '.a', 'x'.repeat(64), `${'abcdefgh.'.repeat(32)}`, 'a\\', 'a\\999'])
    expect(encodeName(name)).toBeUndefined()
  expect(encodeName('.')).toEqual(Buffer.from([0]))
  expect(sameName('WEB.Test', 'web.tEST')).toBe(true)
})

test('addresses backwards', () => {
  expect(reverseName('10.1.2.3')).toBe('3.2.1.10.in-addr.arpa')
  expect(reverseName('fd00::1')).toBe(`1.${'0.'.repeat(27)}0.0.d.f.ip6.arpa`)
  for (const address of ['10.1.2.3', 'fd00::1']) expect(addressOfReverseName(reverseName(address))).toBe(address)
  for (const name of ['1.2.3.in-addr.arpa', '256.1.1.1.in-addr.arpa', 'web', 'x.ip6.arpa'])
    expect(addressOfReverseName(name)).toBeUndefined()
})
