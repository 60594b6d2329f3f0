import { expect, test } from 'vitest'
import { parseStartTime } from './process-start.ts'

test('the start is found behind a command that looks like fields', () => {
  const fields = 'S 1 7 7 0 -1 4194560 100 0 0 0 1 2 0 0 20 0 1 0 4711 1000 50'
  expect(parseStartTime(`7 (sleep) ${fields}`)).toBe(4711)
  expect(parseStartTime(`7 (a) S 1 ) (b c) ${fields}`)).toBe(4711)
})

test('what is not such a line has no start', () => {
  for (const text of ['', '7 (x)', '7 (x) S 1 2', 'x'.repeat(100)]) expect(parseStartTime(text)).toBeUndefined()
})
