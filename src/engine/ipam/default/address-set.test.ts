import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AddressSet } from './address-set.ts'

/** Around a boundary of chunks far up, where numbers would have lost their last bits. */
const BASE = (0xfd00n << 112n) + 1024n * 7n - 3n
const SPAN = 2200

/** What is done to the set: runs of addresses, so that whole chunks fill and empty. */
const change = fc.record({ add: fc.boolean(), first: fc.nat(SPAN), length: fc.oneof(fc.nat(3), fc.nat(1500)) })

test('holds what a set of numbers would, and finds the lowest that it lacks', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), fc.array(fc.nat(SPAN), { maxLength: 8 }), (changes, starts) => {
      const addresses = new AddressSet()
      const numbers = new Set<number>()
      for (const { add, first, length } of changes) {
        for (let each = first; each < Math.min(first + length, SPAN); each++) {
          const changed = add ? addresses.add(BASE + BigInt(each)) : addresses.remove(BASE + BigInt(each))
          expect(changed).toBe(numbers.has(each) !== add)
          if (add) numbers.add(each)
          else numbers.delete(each)
        }
      }
      for (const start of starts) {
        expect(addresses.has(BASE + BigInt(start))).toBe(numbers.has(start))
        let free = start
        while (numbers.has(free)) free++
        const last = start + 900
        const found = addresses.nextFree(BASE + BigInt(start), BASE + BigInt(last))
        expect(found).toBe(free <= last ? BASE + BigInt(free) : undefined)
      }
    }),
    { numRuns: 60 },
  )
})

test('an empty range has no free address', () => {
  expect(new AddressSet().nextFree(5n, 4n)).toBeUndefined()
})
