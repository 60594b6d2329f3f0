import { expect, test } from 'vitest'
import { nearest } from './suggest.ts'

test.each([
  ['mpa', 'map'],
  ['hsow', 'show'],
  ['--fromat', '--format'],
  ['nss', 'ns'],
  ['zebra', undefined],
  ['xyz', undefined],
])('%s was meant to be %s', (word, meant) => {
  expect(nearest(word, ['map', 'show', 'ns', '--format'])).toBe(meant)
})

test('a word of absurd length is not compared at all', () => {
  expect(nearest('map'.repeat(1_000_000), ['map'])).toBeUndefined()
})
