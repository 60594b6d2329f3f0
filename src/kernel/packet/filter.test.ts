import { expect, test } from 'vitest'
import { readU32, writeU16, writeU32 } from '../netlink/byte-order.ts'
import { limitLength } from './filter.ts'

/** One instruction with a constant. */
function instruction(code: number, constant: number): Buffer {
  const bytes = Buffer.alloc(8)
  writeU16(bytes, code, 0)
  writeU32(bytes, constant, 4)
  return bytes
}

test('a program keeps its verdicts, but no more bytes than the capture wants', () => {
  const program = Buffer.concat([instruction(0x28, 500_000), instruction(0x06, 262_144), instruction(0x06, 0)])
  const limited = limitLength(program, 96)
  expect([4, 12, 20].map((at) => readU32(limited, at))).toEqual([500_000, 96, 0])
  expect(readU32(program, 12)).toBe(262_144)
})

test('without a program everything is kept up to the length', () => {
  expect(limitLength(undefined, 64)).toEqual(instruction(0x06, 64))
})

test.each([0, 7, 8 * 4097])('%i bytes are no program', (length) => {
  expect(() => limitLength(Buffer.alloc(length), 64)).toThrow(RangeError)
})
