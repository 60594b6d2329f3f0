import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotatedBytes, decodedValue, encodedValue } from './annotated-bytes.ts'
import { type AttributesOf, attribute, attributes, listOf, many, unmarked } from './attributes.ts'
import { littleEndian } from './byte-order.ts'
import { be16, flag, presence, raw, string, u8, u32 } from './value.ts'

const inner = attributes({ port: attribute(1, be16) })
const table = attributes({
  index: attribute(1, u32),
  name: attribute(2, string),
  tags: many(3, u8),
  marked: attribute(4, inner),
  old: unmarked(5, inner),
  active: attribute(6, flag),
  told: attribute(7, presence),
  list: attribute(8, listOf(u8)),
})

describe.runIf(littleEndian)('a table', () => {
  const bytes = annotatedBytes(`
    08 00 01 00 2a 00 00 00 # index 42
    07 00 02 00 6c 6f 00 00 # name "lo", padded by one byte
    05 00 03 00 01 00 00 00 # tags 1
    05 00 03 00 02 00 00 00 # tags 2
    0c 00 04 80             # marked | NLA_F_NESTED
      06 00 01 00 00 50 00 00 # port 80
    0c 00 05 00             # old, without the mark
      06 00 01 00 00 51 00 00 # port 81
    04 00 06 00             # active
    04 00 07 00             # told
    14 00 08 80             # list
      05 00 01 00 09 00 00 00
      05 00 02 00 08 00 00 00`)
  const value: AttributesOf<(typeof table)['fields']> = {
    index: 42,
    name: 'lo',
    tags: [1, 2],
    marked: { port: 80 },
    old: { port: 81 },
    active: true,
    told: true,
    list: [9, 8],
  }

  test('reads and writes the same bytes', () => {
    expect(decodedValue(table, bytes)).toEqual(value)
    expect(encodedValue(table, value)).toEqual(bytes)
  })

  test('reads nested attributes with and without the mark', () => {
    expect(decodedValue(table, annotatedBytes('0c 00 04 00 06 00 01 00 00 50 00 00'))).toEqual({ marked: { port: 80 } })
    expect(decodedValue(table, annotatedBytes('0c 00 05 80 06 00 01 00 00 50 00 00'))).toEqual({ old: { port: 80 } })
  })

  test('keeps what it does not know, flag bits included, and writes it back', () => {
    const strange = annotatedBytes('08 00 01 00 2a 00 00 00  06 00 63 c0 01 02 00 00')
    const read = decodedValue(table, strange)
    expect(read).toEqual({ index: 42, unknown: [{ type: 0xc063, value: annotatedBytes('01 02') }] })
    expect(encodedValue(table, read)).toEqual(strange)
  })

  test('keeps the bytes of what is too short for its value', () => {
    const short = annotatedBytes('06 00 01 00 2a 00 00 00')
    expect(decodedValue(table, short)).toEqual({ unknown: [{ type: 1, value: annotatedBytes('2a 00') }] })
  })

  test('its bytes are copies: the receive buffer is used again', () => {
    const kept = attributes({ blob: attribute(1, raw) })
    const buffer = annotatedBytes('05 00 01 00 01 00 00 00  05 00 09 00 02 00 00 00')
    const read = decodedValue(kept, buffer)
    buffer.fill(0xff)
    expect(read).toEqual({ blob: Buffer.from([1]), unknown: [{ type: 9, value: Buffer.from([2]) }] })
  })

  test('a projection skips the rest', () => {
    const projection = attributes({ name: table.fields.name }, false)
    expect(decodedValue(projection, bytes)).toEqual({ name: 'lo' })
  })

  test('stops at a length that cannot be', () => {
    expect(decodedValue(table, annotatedBytes('08 00 01 00 2a 00 00 00  03 00 02 00'))).toEqual({ index: 42 })
    expect(decodedValue(table, annotatedBytes('08 00 01 00 2a 00 00 00  ff 00 02 00 61'))).toEqual({ index: 42 })
    expect(decodedValue(table, annotatedBytes('00 00 00 00'))).toEqual({})
  })
})

test('a value that is said by leaving it out is left out', () => {
  expect(encodedValue(table, { told: false })).toHaveLength(0)
})

test('a value that does not fit the length field is refused', () => {
  const blob = attributes({ blob: attribute(1, raw) })
  expect(() => encodedValue(blob, { blob: Buffer.alloc(0x10000) })).toThrow('attribute 1 is 65540 bytes long')
})

test('every value comes back as it went', () => {
  const values = fc.record(
    {
      index: fc.nat(),
      name: fc.string({ maxLength: 40 }).filter((text) => !text.includes('\0')),
      tags: fc.array(fc.nat(255), { minLength: 1, maxLength: 5 }),
      marked: fc.record({ port: fc.nat(0xffff) }),
      old: fc.record({}),
      active: fc.constant(true as const),
      list: fc.array(fc.nat(255), { maxLength: 5 }),
      unknown: fc.array(
        fc.record({
          type: fc.integer({ min: 9, max: 0x3fff }),
          value: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(values, (value) => {
      expect(decodedValue(table, encodedValue(table, value))).toEqual(value)
    }),
  )
})

test('random bytes never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
      decodedValue(table, Buffer.from(bytes))
    }),
    { numRuns: 1000 },
  )
})
