/** Small enumerations of the kernel as the words that the field has for them. */
import type { FixedValue } from '../netlink/value.ts'

/**
 * A number that means one of `words`, counted from zero, with '' for numbers that mean nothing. A number without a word, as
 * a newer kernel may send, stays a number.
 */
export function word<const W extends string>(
  value: FixedValue<number>,
  words: readonly (W | '')[],
): FixedValue<W | number> {
  return {
    fixed: true,
    minimum: value.minimum,
    read(bytes, offset, length) {
      const number = value.read(bytes, offset, length)
      return words[number] || number
    },
    write(writer, meant) {
      value.write(writer, typeof meant === 'number' ? meant : numberOf(words, meant))
    },
  }
}

function numberOf(words: readonly string[], meant: string): number {
  const number = words.indexOf(meant)
  if (meant === '' || number < 0) {
    throw new RangeError(`"${meant}" is none of ${words.filter((known) => known !== '').join(', ')}`)
  }
  return number
}
