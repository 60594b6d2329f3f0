import { expect, test } from 'vitest'
import { columnsOf, padded, wrapped } from './text.ts'

test.each([
  ['eth0', 4],
  ['東京', 4],
  ['e\u0301', 1],
  ['🚀', 2],
  ['\x1b[31mred\x1b[39m', 3],
  ['┌─▶', 3],
])('%j takes %d columns', (text, columns) => {
  expect(columnsOf(text)).toBe(columns)
})

test('padding counts columns', () => {
  expect(padded('東', 4)).toBe('東  ')
  expect(padded('long enough', 4)).toBe('long enough')
})

test('paragraphs are wrapped at blanks and stay apart', () => {
  expect(wrapped('one two three\n\nfour', 9, 1)).toBe(' one two\n three\n\n four')
})

test('a word longer than the line stands alone', () => {
  expect(wrapped('a averylongword b', 5)).toBe('a\naverylongword\nb')
})
