import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable } from './escape.ts'

test.each([
  ['eth0', 'eth0'],
  ['Zürich ☃ 東京 🚀', 'Zürich ☃ 東京 🚀'],
  ['\x1b[2J\x1b]0;title\x07', '\\x1b[2J\\x1b]0;title\\x07'],
  ['one\ntwo\r\tthree', 'one\\ntwo\\r\\tthree'],
  ['\x9b31m', '\\x9b31m'],
  ['\x7f', '\\x7f'],
  ['web\u202egnp.exe', 'web\\u202egnp.exe'],
  ['a\u2066b\u2069', 'a\\u2066b\\u2069'],
  ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
  ['\ud800x', '\\ud800x'],
  ['x\udc00', 'x\\udc00'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

test('a text that is too long ends in an ellipsis, never in half a character', () => {
  expect(printable('abcdef', 5)).toBe('abcd…')
  expect(printable('abc🚀f', 5)).toBe('abc…')
  expect(printable('a'.repeat(10_000))).toHaveLength(256)
})

test('whatever the text, what is shown has no control, no bidirectional mark, no broken character, and keeps its bound', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  )
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 300 }), (text, length) => {
      const shown = printable(text, length)
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/)
      expect(shown.length).toBeLessThanOrEqual(length)
      expect(Buffer.from(shown).toString()).toBe(shown)
    }),
  )
})

test('printable text of any language stays as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'azÄéßλЖعא日本한🚀 -_./:') }), (text) => {
      expect(printable(text)).toBe(text)
    }),
  )
})
