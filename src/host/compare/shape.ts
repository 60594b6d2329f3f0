/** Checks of values that were read from a file: each names the field that is wrong. */

/** A document is not what it should be; the message names the field and what it must be. */
export class GraphFormatError extends Error {
  override readonly name = 'GraphFormatError'
}

/** Makes sure that a value has a shape. `path` is the field's place in the document. */
export type Check = (value: unknown, path: string) => void

function refuse(path: string, expected: string): never {
  throw new GraphFormatError(`${path === '' ? 'the document' : path} must be ${expected}`)
}

/** A text. */
export const text: Check = (value, path) => {
  if (typeof value !== 'string') refuse(path, 'a string')
}

/** A whole number. */
export const integer: Check = (value, path) => {
  if (!Number.isSafeInteger(value)) refuse(path, 'a whole number')
}

/** True or false. */
export const flag: Check = (value, path) => {
  if (typeof value !== 'boolean') refuse(path, 'true or false')
}

/** An object of any content. */
export const anyObject: Check = (value, path) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(path, 'an object')
}

/** One of some words. */
export function oneOf(...words: readonly string[]): Check {
  return (value, path) => {
    if (!words.includes(value as string)) refuse(path, words.map((word) => `"${word}"`).join(' or '))
  }
}

/** A value that may also be null. */
export function orNull(check: Check): Check {
  return (value, path) => {
    if (value !== null) check(value, path)
  }
}

/** A value that may also be absent. */
export function optional(check: Check): Check {
  return (value, path) => {
    if (value !== undefined) check(value, path)
  }
}

/** A list, all of whose elements have one shape. */
export function listOf(check: Check): Check {
  return (value, path) => {
    if (!Array.isArray(value)) refuse(path, 'a list')
    for (const [index, element] of value.entries()) check(element, `${path}[${index}]`)
  }
}

/** An object with these fields; others are ignored, so that later versions of a document can be read. */
export function record(fields: Readonly<Record<string, Check>>): Check {
  const checks = Object.entries(fields)
  return (value, path) => {
    anyObject(value, path)
    for (const [name, check] of checks) {
      const owned = Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : undefined
      check(owned, path === '' ? name : `${path}.${name}`)
    }
  }
}

/** An object with values of one shape under any names. */
export function mapOf(check: Check): Check {
  return (value, path) => {
    anyObject(value, path)
    for (const [name, element] of Object.entries(value as object)) check(element, `${path}.${name}`)
  }
}
