/** The texts of /proc's magic links, `net:[4026531840]` and `socket:[1234]`, read without making a string of each. */

const OPENING = 0x5b
const CLOSING = 0x5d
const ZERO = 0x30

/** Bytes of a text that a link may begin or end with. */
export function ascii(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

/** True when the first bytes of `bytes` are `start`. */
export function startsWith(bytes: Uint8Array, length: number, start: Uint8Array): boolean {
  if (length < start.length) return false
  for (let i = 0; i < start.length; i++) if (bytes[i] !== start[i]) return false
  return true
}

/** True when the last of the `length` bytes are `end`. */
export function endsWith(bytes: Uint8Array, length: number, end: Uint8Array): boolean {
  const from = length - end.length
  if (from < 0) return false
  for (let i = 0; i < end.length; i++) if (bytes[from + i] !== end[i]) return false
  return true
}

/** The decimal number between the brackets that end a link's text, `type:[N]`; 0 when there is none. */
export function bracketedNumber(bytes: Uint8Array, length: number): number {
  if (bytes[length - 1] !== CLOSING) return 0
  let value = 0
  for (let scale = 1, at = length - 2; at >= 0; at--, scale *= 10) {
    const byte = bytes[at]!
    if (byte === OPENING) return Number.isSafeInteger(value) ? value : 0
    const digit = byte - ZERO
    if (digit < 0 || digit > 9) return 0
    value += digit * scale
  }
  return 0
}
