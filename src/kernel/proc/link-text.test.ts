import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ascii, bracketedNumber, endsWith, startsWith } from './link-text.ts'

function numberIn(text: string): number {
  return bracketedNumber(Buffer.from(text, 'latin1'), text.length)
}

test('the number of a namespace and of a socket is read', () => {
  expect(numberIn('net:[4026531840]')).toBe(4026531840)
  expect(numberIn('socket:[18446744]')).toBe(18446744)
})

test('any inode number is read', () => {
  fc.assert(fc.property(fc.nat(2 ** 31), (inode) => numberIn(`socket:[${inode}]`) === inode))
})

test('texts that are no such link have no number', () => {
  for (const text of ['', ']', '[', 'net:[', 'net:[12', 'net:[1x2]', '12]', '/tmp/a [1', `net:[${'9'.repeat(40)}]`]) {
    expect(numberIn(text)).toBe(0)
  }
})

test('what lies behind the end of a text does not count', () => {
  const bytes = Buffer.from('net:[1]net:[2]')
  expect(bracketedNumber(bytes, 7)).toBe(1)
  expect(endsWith(bytes, 7, ascii(':[1]'))).toBe(true)
  expect(endsWith(bytes, 14, ascii(':[1]'))).toBe(false)
  expect(endsWith(bytes, 1, ascii(':[1]'))).toBe(false)
  expect(startsWith(bytes, 3, ascii('net:['))).toBe(false)
  expect(startsWith(bytes, 5, ascii('net:['))).toBe(true)
})
