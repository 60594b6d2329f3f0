import { expect, test } from 'vitest'
import { painter, wantsColour } from './terminal.ts'

test.each([
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: '1', NO_COLOR: '1' }, true, false],
])('with %j, on a terminal: %s, colours are wanted: %s', (environment, interactive, wanted) => {
  expect(wantsColour(environment, interactive)).toBe(wanted)
})

test('text is painted only where colours are wanted', () => {
  expect(painter({ colour: true })('red', 'down')).toBe('\x1b[31mdown\x1b[39m')
  expect(painter({ colour: false })('red', 'down')).toBe('down')
})
