import { expect, test } from 'vitest'
import { checkName } from './name.ts'

test.each(['web', 'a.b-c_d', 'Über', '日本', 'x'.repeat(250)])('%s may be a name', (name) => {
  expect(checkName(name)).toBe(name)
})

test.each([
  ['', 'empty'],
  ['.', 'directory'],
  ['..', 'directory'],
  ['a/b', 'slash'],
  ['-x', 'option'],
  ['a b', 'blanks'],
  ['a\nb', 'cannot be seen'],
  ['a\u001b[2Jb', 'cannot be seen'],
  ['a\u202eb', 'cannot be seen'],
  ['x'.repeat(251), 'longer'],
  ['ü'.repeat(126), 'longer'],
])('%j may not be a name', (name, reason) => {
  expect(() => checkName(name)).toThrow(reason)
})
