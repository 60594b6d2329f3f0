import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  formatPrefix,
  lastOf,
  nextFreePrefix,
  parseCidr,
  prefixesOverlap,
  prefixOf,
  RangeSet,
  splitPrefix,
} from './index.ts'

/** Numbers that the model looks at. */
const TOP = 60
const change = fc.record({
  add: fc.boolean(),
  first: fc.nat(TOP),
  span: fc.nat(12),
})

test('a set of ranges holds what a set of numbers would, in as few runs as can be', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
      const ranges = new RangeSet()
      const numbers = new Set<number>()
      for (const { add, first, span } of changes) {
        if (add) ranges.add(BigInt(first), BigInt(first + span))
        else ranges.remove(BigInt(first), BigInt(first + span))
        for (let each = first; each <= first + span; each++) {
          if (add) numbers.add(each)
          else numbers.delete(each)
        }
      }
      for (let each = 0; each <= TOP + 13; each++) expect(ranges.has(BigInt(each))).toBe(numbers.has(each))
      const apart = ranges.ranges.every(
        ({ first, last }, i, runs) => first <= last && (i === 0 || runs[i - 1]!.last + 1n < first),
      )
      expect(apart).toBe(true)
    }),
  )
})

test('of the runs that overlap with a range the lowest is told', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.nat(TOP), fc.nat(12), (changes, first, span) => {
      const ranges = new RangeSet()
      for (const each of changes) ranges.add(BigInt(each.first), BigInt(each.first + each.span))
      const [low, high] = [BigInt(first), BigInt(first + span)]
      expect(ranges.overlapping(low, high)).toBe(ranges.ranges.find((run) => run.first <= high && run.last >= low))
    }),
  )
})

test('the first free prefix is the one that a look at all of them finds', () => {
  const base = parseCidr('172.16.0.0/22').prefix
  const taken = fc
    .record({ value: fc.bigInt(base.first - 300n, lastOf(base) + 300n), length: fc.integer({ min: 20, max: 32 }) })
    .map(({ value, length }) => prefixOf({ family: 4, value }, length))
  fc.assert(
    fc.property(
      fc.array(taken, { maxLength: 12 }),
      fc.integer({ min: 22, max: 28 }),
      fc.nat(12),
      (all, length, cut) => {
        const sets = [all.slice(0, cut), all.slice(cut)].map((part) => {
          const set = new RangeSet()
          for (const each of part) set.add(each.first, lastOf(each))
          return set
        })
        const found = nextFreePrefix(base, length, sets)
        const wanted = [...splitPrefix(base, length)].find((each) => !all.some((other) => prefixesOverlap(each, other)))
        expect(found).toEqual(wanted)
      },
    ),
  )
})

test('free prefixes are found beyond a million taken ones at once', () => {
  const base = parseCidr('fd00::/16').prefix
  const taken = new RangeSet()
  taken.add(base.first, base.first + (1n << 90n) - 1n)
  expect(formatPrefix(nextFreePrefix(base, 64, [taken])!)).toBe('fd00:0:400::/64')
  taken.add(base.first, lastOf(base))
  expect(nextFreePrefix(base, 64, [taken])).toBeUndefined()
})
