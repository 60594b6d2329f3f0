import { expect, test } from 'vitest'
import { table } from './table.ts'

test('columns are aligned by what people see, and no line ends in blanks', () => {
  const rows = [
    ['eth0', '東京', 'up'],
    ['lo', '\x1b[1mx\x1b[22m', ''],
  ]
  expect(table(rows)).toBe('eth0  東京  up\nlo    \x1b[1mx\x1b[22m\n')
})

test('titles, indentation and numbers on the right', () => {
  const rows = [
    ['tcp', '7'],
    ['udp', '1200'],
  ]
  expect(table(rows, { titles: ['KIND', 'PACKETS'], indent: 2, right: [1] })).toBe(
    '  KIND  PACKETS\n  tcp         7\n  udp      1200\n',
  )
})

test('no rows make no lines', () => {
  expect(table([])).toBe('')
})
