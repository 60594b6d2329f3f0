/** Did you mean …: for names that people type into lab files. */

/** ` (did you mean eth1?)` when exactly one slip of the finger leads to a word that would be right; else nothing. */
export function didYouMean(word: string, words: readonly string[]): string {
  const meant = words.find((candidate) => isNear(word.toLowerCase(), candidate.toLowerCase()))
  return meant === undefined ? '' : ` (did you mean ${meant}?)`
}

/** One character more, less, other, or two swapped; or a separator forgotten. */
function isNear(a: string, b: string): boolean {
  if (a === b || a.replace(/[-_]/g, '') === b.replace(/[-_]/g, '')) return true
  if (Math.abs(a.length - b.length) > 1 || Math.min(a.length, b.length) < 3) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)]
  return (left.length <= 1 && right.length <= 1) || (left.length === 2 && left === [...right].reverse().join(''))
}
