/** Finding room for a prefix among others. */
import { bitsOf } from './address.ts'
import { lastOf, type Prefix } from './prefix.ts'
import type { Range, RangeSet } from './range-set.ts'

/**
 * The lowest prefix of a length within `base` that shares no address with any of the sets; undefined when there is none.
 * @param length at least that of `base`
 */
export function nextFreePrefix(base: Prefix, length: number, occupied: readonly RangeSet[]): Prefix | undefined {
  const hostBits = BigInt(bitsOf(base.family) - length)
  const span = (1n << hostBits) - 1n
  const end = lastOf(base)
  let first = base.first
  while (first <= end) {
    const obstacle = firstObstacle(occupied, first, first + span)
    if (obstacle === undefined) return { family: base.family, first, length }
    first = ((obstacle.last >> hostBits) + 1n) << hostBits
  }
  return undefined
}

function firstObstacle(occupied: readonly RangeSet[], first: bigint, last: bigint): Range | undefined {
  for (const set of occupied) {
    const range = set.overlapping(first, last)
    if (range !== undefined) return range
  }
  return undefined
}
