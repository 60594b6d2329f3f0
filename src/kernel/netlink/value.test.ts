import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { annotatedBytes, decodedValue, encodedValue } from './annotated-bytes.ts'
import { littleEndian } from './byte-order.ts'
import {
  be16,
  be32,
  be64,
  bool8,
  fixedString,
  flag,
  mapped,
  pad,
  presence,
  repeat,
  s8,
  s16,
  s32,
  s64,
  string,
  struct,
  u8,
  u16,
  u32,
  u64,
  uint,
  type Value,
} from './value.ts'

test('numbers in network order look the same on every host', () => {
  expect(encodedValue(be16, 0x1234).toString('hex')).toBe('1234')
  expect(encodedValue(be32, 0x12345678).toString('hex')).toBe('12345678')
  expect(encodedValue(be64, 0x1234n).toString('hex')).toBe('0000000000001234')
})

test.runIf(littleEndian)('numbers in host order have the low byte first here', () => {
  expect(encodedValue(u16, 0x1234).toString('hex')).toBe('3412')
  expect(encodedValue(u32, 0x12345678).toString('hex')).toBe('78563412')
  expect(encodedValue(s32, -2).toString('hex')).toBe('feffffff')
  expect(encodedValue(s16, -2).toString('hex')).toBe('feff')
  expect(decodedValue(u32, annotatedBytes('ff ff ff ff'))).toBe(0xffffffff)
  expect(decodedValue(s32, annotatedBytes('ff ff ff 7f'))).toBe(0x7fffffff)
})

describe('every number comes back as it went', () => {
  const numbers: [string, Value<number>, number, number][] = [
    ['u8', u8, 0, 0xff],
    ['s8', s8, -0x80, 0x7f],
    ['u16', u16, 0, 0xffff],
    ['s16', s16, -0x8000, 0x7fff],
    ['be16', be16, 0, 0xffff],
    ['u32', u32, 0, 0xffffffff],
    ['s32', s32, -0x80000000, 0x7fffffff],
    ['be32', be32, 0, 0xffffffff],
  ]
  test.each(numbers)('%s', (_, value, min, max) => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min, max }), fc.constantFrom(min, max)), (number) => {
        expect(decodedValue(value, encodedValue(value, number))).toBe(number)
      }),
    )
    expect(() => encodedValue(value, max + 1)).toThrow(RangeError)
  })

  const big: [string, Value<bigint>, bigint, bigint][] = [
    ['u64', u64, 0n, 2n ** 64n - 1n],
    ['s64', s64, -(2n ** 63n), 2n ** 63n - 1n],
    ['be64', be64, 0n, 2n ** 64n - 1n],
    ['uint', uint, 0n, 2n ** 64n - 1n],
  ]
  test.each(big)('%s', (_, value, min, max) => {
    fc.assert(
      fc.property(fc.oneof(fc.bigInt({ min, max }), fc.constantFrom(min, max)), (number) => {
        expect(decodedValue(value, encodedValue(value, number))).toBe(number)
      }),
    )
    expect(() => encodedValue(value, max + 1n)).toThrow(RangeError)
  })
})

test('a number of open width takes four bytes when it fits', () => {
  expect(encodedValue(uint, 0xffffffffn)).toHaveLength(4)
  expect(encodedValue(uint, 0x100000000n)).toHaveLength(8)
})

test('text ends at NUL, and with the attribute when there is none', () => {
  expect(decodedValue(string, Buffer.from('eth0\0junk'))).toBe('eth0')
  expect(decodedValue(string, Buffer.from('eth0'))).toBe('eth0')
  expect(decodedValue(string, Buffer.alloc(0))).toBe('')
  expect(decodedValue(string, Buffer.from(`${'x'.repeat(100)}\0y`))).toBe('x'.repeat(100))
  expect(decodedValue(string, Buffer.from('büro\0'))).toBe('büro')
  expect(encodedValue(string, 'eth0')).toEqual(Buffer.from('eth0\0'))
})

test('text does not look behind its own end', () => {
  expect(string.read(Buffer.from('abcdef'), 1, 3)).toBe('bcd')
  expect(string.read(Buffer.from(`${'x'.repeat(60)}`), 0, 30)).toBe('x'.repeat(30))
})

test('text comes back as it went', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
      fc.pre(!text.includes('\0'))
      expect(decodedValue(string, encodedValue(string, text))).toBe(text)
    }),
  )
})

test('text of fixed size is filled with zeros and refused when it does not fit', () => {
  expect(encodedValue(fixedString(8), 'lo')).toEqual(Buffer.from('lo\0\0\0\0\0\0'))
  expect(() => encodedValue(fixedString(4), 'eth0')).toThrow('longer than the 3 bytes')
})

test('yes and no, as a byte and as a flag', () => {
  expect(decodedValue(bool8, Buffer.from([2]))).toBe(true)
  expect(encodedValue(bool8, false)).toEqual(Buffer.from([0]))
  expect(encodedValue(flag, true)).toHaveLength(0)
  expect(decodedValue(presence, Buffer.alloc(0))).toBe(true)
  expect(decodedValue(presence, Buffer.from([0]))).toBe(false)
  expect(presence.omit?.(false)).toBe(true)
})

test('a structure leaves out its holes and writes zeros for what is not said', () => {
  const layout = struct({ kind: u8, hole: pad(3), port: be16, name: fixedString(4) })
  expect(layout.minimum).toBe(10)
  const bytes = annotatedBytes('07 ff ff ff 00 50 6c 6f 00 00')
  expect(layout.read(bytes, 0, 10)).toEqual({ kind: 7, port: 80, name: 'lo' })
  expect(encodedValue(layout, { kind: 7, port: 80, name: 'lo' })).toEqual(
    annotatedBytes('07 00 00 00 00 50 6c 6f 00 00'),
  )
  expect(encodedValue<object>({ ...layout, write: layout.writePartial }, { port: 80 })).toEqual(
    annotatedBytes('00 00 00 00 00 50 00 00 00 00'),
  )
})

test('a row of structures ignores a rest that is too short for one more', () => {
  expect(decodedValue(repeat(be16), annotatedBytes('00 01 00 02 00'))).toEqual([1, 2])
  expect(encodedValue(repeat(be16), [1, 2])).toEqual(annotatedBytes('00 01 00 02'))
})

test('a value seen through a conversion', () => {
  const seconds = mapped(
    u8,
    (tenths) => tenths / 10,
    (wanted: number) => wanted * 10,
  )
  expect(decodedValue(seconds, Buffer.from([15]))).toBe(1.5)
  expect(encodedValue(seconds, 1.5)).toEqual(Buffer.from([15]))
})
