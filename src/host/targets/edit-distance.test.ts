import { expect, test } from 'vitest'
import { editDistance } from './edit-distance.ts'

test.each([
  ['web', 'web', 0],
  ['web', 'wbe', 1],
  ['web', 'webs', 1],
  ['web', 'wab', 1],
  ['kitten', 'sitting', 3],
])('%s is as far from %s as typing errors make it', (a, b, distance) => {
  expect(editDistance(a, b, 3)).toBe(distance)
  expect(editDistance(b, a, 3)).toBe(distance)
})

test('what is farther than the limit is infinitely far', () => {
  expect(editDistance('kitten', 'sitting', 2)).toBe(Number.POSITIVE_INFINITY)
})
