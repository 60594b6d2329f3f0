/** Many names in one: `leaf[1-16]`, `r[1,3,5-7]`, `pod[01-12]`. */

/** A lab is not larger than the tools that draw it. */
const MOST_NAMES = 5_000

/** A name that a pattern stands for, and the number in it (undefined for a plain name). */
export interface NameInRange {
  readonly name: string
  readonly number: string | undefined
}

/** The names that a pattern stands for; a mistake's sentence when it is malformed. A plain name stands for itself. */
export function namesOf(pattern: string): readonly NameInRange[] | string {
  const open = pattern.indexOf('[')
  if (open === -1) return [{ name: pattern, number: undefined }]
  const [, before = '', inside = '', after = ''] = /^([^[\]]*)\[([^[\]]*)\]([^[\]]*)$/.exec(pattern) ?? []
  if (inside === '') return `${pattern} is not a range of names; write one as leaf[1-16] or r[1,3,5]`
  const numbers: { readonly written: string; readonly number: string }[] = []
  for (const part of inside.split(',')) {
    const [, from, to = from] = /^\s*(\d{1,6})\s*(?:-\s*(\d{1,6}))?\s*$/.exec(part) ?? []
    if (from === undefined || to === undefined) return `${part.trim()} is not a number or a range of numbers`
    if (Number(to) < Number(from)) return `the range ${part.trim()} runs backwards`
    if (numbers.length + Number(to) - Number(from) >= MOST_NAMES) return `more than ${MOST_NAMES} names in one range`
    // `01-12` keeps its zeros in names, not in the number that texts may have it for (10.0.0.7).
    const width = from.startsWith('0') ? from.length : 0
    for (let number = Number(from); number <= Number(to); number++)
      numbers.push({ written: String(number).padStart(width, '0'), number: String(number) })
  }
  return numbers.map(({ written, number }) => ({ name: `${before}${written}${after}`, number }))
}

/** Replaces `__n__`, the number of a node in its range, in a text. */
export function withNumber(text: string, number: string | undefined): string {
  return number === undefined ? text : text.replaceAll('__n__', number)
}
