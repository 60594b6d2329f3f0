/**
 * Domain names as text and on the wire (RFC 1035 §3.1, §4.1.4). In text a name has no final dot, the root is the empty string,
 * and bytes that are not printable are written `\DDD`, dots and backslashes within a label `\.` and `\\` (RFC 4343 §2.1).
 */
import { HEADER_BYTES } from './protocol.ts'

const LONGEST_LABEL = 63
/** Bytes of the longest name, with its length bytes and the final zero. */
const LONGEST_NAME = 255
const POINTER = 0xc0
/** Compression pointers have 14 bits. */
const FURTHEST_POINTER = 0x3fff

/** A name that was read, and where what follows it begins. */
export interface ReadName {
  readonly name: string
  readonly end: number
}

/**
 * Reads a name. Pointers must lead backwards, each further than the one before, so reading ends.
 * @returns undefined when it is malformed or too long
 */
export function readName(bytes: Uint8Array, offset: number): ReadName | undefined {
  const labels: string[] = []
  let end = -1
  let at = offset
  let earliest = offset
  let total = 1
  for (;;) {
    const length = bytes[at]
    if (length === undefined) return undefined
    if (length === 0) return { name: labels.join('.'), end: end < 0 ? at + 1 : end }
    if (length >= POINTER) {
      const low = bytes[at + 1]
      if (low === undefined) return undefined
      const target = ((length & 0x3f) << 8) | low
      if (target >= earliest) return undefined
      if (end < 0) end = at + 2
      earliest = target
      at = target
      continue
    }
    total += length + 1
    if (length > LONGEST_LABEL || total > LONGEST_NAME || at + 1 + length > bytes.length) return undefined
    labels.push(labelText(bytes, at + 1, length))
    at += length + 1
  }
}

function labelText(bytes: Uint8Array, offset: number, length: number): string {
  let text = ''
  for (let i = offset; i < offset + length; i++) {
    const byte = bytes[i]!
    if (byte === DOT || byte === BACKSLASH) text += `\\${String.fromCharCode(byte)}`
    else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte)
    else text += `\\${byte.toString().padStart(3, '0')}`
  }
  return text
}
const DOT = 0x2e
const BACKSLASH = 0x5c

/**
 * The labels of a name as bytes. A final dot is allowed.
 * @returns undefined when the name has an empty or too long label, a broken escape, or is too long itself
 */
export function labelsOf(name: string): Buffer[] | undefined {
  if (name === '' || name === '.') return []
  const labels = splitLabels(Buffer.from(name))
  if (labels === undefined) return undefined
  if (labels.at(-1)!.length === 0) labels.pop()
  const total = labels.reduce((sum, label) => sum + label.length + 1, 1)
  if (total > LONGEST_NAME || labels.some((label) => label.length === 0 || label.length > LONGEST_LABEL))
    return undefined
  return labels.map((label) => Buffer.from(label))
}

/** Bytes between dots that are not escaped; undefined when an escape is broken. */
function splitLabels(text: Buffer): number[][] | undefined {
  let label: number[] = []
  const labels = [label]
  for (let i = 0; i < text.length; i++) {
    const byte = text[i]!
    if (byte === DOT) {
      label = []
      labels.push(label)
    } else if (byte === BACKSLASH) {
      const [code] = /^(\d{3}|\D)/.exec(text.toString('latin1', i + 1, i + 4)) ?? []
      const value = code === undefined ? 256 : code.length === 3 ? Number(code) : code.charCodeAt(0)
      if (code === undefined || value > 255) return undefined
      label.push(value)
      i += code.length
    } else {
      label.push(byte)
    }
  }
  return labels
}

/**
 * The form in which names are compared: ASCII letters in lower case (RFC 4343), no final dot, everything that is not
 * printable escaped, as `readName` gives it. Undefined when it is no domain name.
 */
export function canonicalName(name: string): string | undefined {
  const labels = labelsOf(name)
  return labels === undefined ? undefined : foldCase(labels.map((label) => labelText(label, 0, label.length)).join('.'))
}

/** A name as `readName` gives it, in lower case. */
export function foldCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** Where the endings of names already written in a message begin, by their labels. */
export type NamePlaces = Map<string, number>

/**
 * Appends a name; its longest ending that was written before becomes a pointer, when `places` are given.
 * @throws RangeError when it is no domain name
 */
export function appendName(target: number[], name: string, places?: NamePlaces): void {
  const labels = labelsOf(name)
  if (labels === undefined) throw new RangeError(`${JSON.stringify(name)} is not a domain name`)
  for (const [i, label] of labels.entries()) {
    const ending = places === undefined ? '' : wireText(labels.slice(i))
    const place = places?.get(ending)
    if (place !== undefined) {
      target.push(POINTER | (place >> 8), place & 0xff)
      return
    }
    if (target.length >= HEADER_BYTES && target.length <= FURTHEST_POINTER) places?.set(ending, target.length)
    target.push(label.length, ...label)
  }
  target.push(0)
}

/** Labels with their lengths, as a key: no two different lists of labels have the same. */
function wireText(labels: readonly Buffer[]): string {
  return labels.map((label) => String.fromCharCode(label.length) + label.toString('latin1')).join('')
}
