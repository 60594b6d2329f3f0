/** How many slips of the finger lie between two words. */

/** Longer words are not compared: nobody mistypes them, and the cost grows with the product of the lengths. */
const LONGEST_COMPARED = 64

/**
 * Number of characters to insert, delete, replace or swap with their neighbour to make `b` of `a` (optimal string
 * alignment); Infinity when it exceeds `limit`.
 */
export function editDistance(a: string, b: string, limit: number): number {
  if (a === b) return 0
  if (Math.abs(a.length - b.length) > limit || a.length > LONGEST_COMPARED || b.length > LONGEST_COMPARED)
    return Infinity
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1)
      current.push(cost)
    }
    beforeLast = last
    last = current
  }
  return last[b.length]! <= limit ? last[b.length]! : Infinity
}
