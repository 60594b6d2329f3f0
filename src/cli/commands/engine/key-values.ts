/** Options like `--label key=value`. */
import { UsageError } from '../../command.ts'

/** The pairs; a key without `=` has an empty value, as Docker has it. @throws UsageError without a key, or with one twice */
export function keyValues(option: string, words: unknown): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const word of texts(words)) {
    const [, key = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(word) ?? []
    if (key === '') throw new UsageError(`${option} ${word}: KEY=VALUE is wanted`)
    if (Object.hasOwn(pairs, key)) throw new UsageError(`${option} names ${key} twice`)
    pairs[key] = value
  }
  return pairs
}

/** The values of a repeatable option. */
export function texts(words: unknown): readonly string[] {
  return Array.isArray(words) ? (words as string[]) : []
}

/** The value of an option that may be given once. */
export function oneText(word: unknown): string | undefined {
  return typeof word === 'string' ? word : undefined
}

/** `{ key: value }`, or nothing when there is no value: to be spread into a specification. */
export function ifGiven<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]: V })
}
