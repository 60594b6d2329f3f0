/**
 * Reading values that a daemon or a file gave: JSON of any shape. Narrow readers that never throw: what has another type than
 * expected is absent. What is kept is bounded, and otherwise left as it came; escaping is the business of whoever prints it.
 */

/** Characters of a name that are kept. Docker allows container names of any length; nothing that a person reads is longer. */
export const NAME_LIMIT = 256
/** Labels of one owner that are kept, and characters of a label's value. */
const LABEL_COUNT_LIMIT = 128
const LABEL_VALUE_LIMIT = 4096

/** An object of unknown members. */
type Foreign = Readonly<Record<string, unknown>>

/** The value as an object (not an array), or undefined. */
export function asObject(value: unknown): Foreign | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Foreign) : undefined
}

/** The value as an array; empty when it is something else. */
export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The value as a string that is not empty, cut at `limit` characters; undefined when it is something else. */
export function asText(value: unknown, limit = NAME_LIMIT): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return value.length > limit ? value.slice(0, limit) : value
}

/** The value as a whole number from 0 that JavaScript holds exactly. */
export function asCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

/** The object's own member of that name: `constructor` and its like are not taken for members. */
export function memberOf(value: unknown, name: string): unknown {
  const object = asObject(value)
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined
}

/** Labels: the members that are strings, bounded in number and size. */
export function asLabels(value: unknown): Readonly<Record<string, string>> {
  const entries: [string, string][] = []
  for (const [key, label] of Object.entries(asObject(value) ?? {})) {
    if (entries.length === LABEL_COUNT_LIMIT) break
    if (typeof label === 'string') entries.push([key.slice(0, NAME_LIMIT), label.slice(0, LABEL_VALUE_LIMIT)])
  }
  return Object.fromEntries(entries)
}

/** Parses JSON; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
