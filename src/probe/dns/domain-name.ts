/**
 * Domain names as text and on the wire (RFC 1035 §3.1, §4.1.4). In text a name has no final dot and the root is the empty
 * string; bytes that are no printable ASCII are `\DDD`, dots and backslashes within a label `\.` and `\\` (RFC 4343 §2.1).
 */
import { formatIPv6, parseIp } from '../../kernel/index.ts'

const LONGEST_LABEL = 63
/** Bytes of the longest name, with its length bytes and the final zero. */
const LONGEST_NAME = 255
const POINTER = 0xc0

/** A name that was read, and where what follows it begins. */
export interface NameAt {
  readonly name: string
  readonly end: number
}

/** Reads a name. Every pointer must lead further back than the one before, so reading ends. Undefined when it is malformed. */
export function readName(bytes: Uint8Array, offset: number): NameAt | undefined {
  const labels: string[] = []
  let at = offset
  let end: number | undefined
  let earliest = offset
  let total = 1
  for (;;) {
    const length = bytes[at]
    if (length === undefined) return undefined
    if (length === 0) return { name: labels.join('.'), end: end ?? at + 1 }
    if (length >= POINTER) {
      const target = ((length & 0x3f) << 8) | (bytes[at + 1] ?? earliest)
      if (target >= earliest) return undefined
      end ??= at + 2
      earliest = target
      at = target
      continue
    }
    total += length + 1
    if (length > LONGEST_LABEL || total > LONGEST_NAME || at + length >= bytes.length) return undefined
    labels.push(labelText(bytes.subarray(at + 1, at + 1 + length)))
    at += length + 1
  }
}

function labelText(label: Uint8Array): string {
  let text = ''
  for (const byte of label) {
    const character = String.fromCharCode(byte)
    if (character === '.' || character === '\\') text += `\\${character}`
    else text += byte > 0x20 && byte < 0x7f ? character : `\\${String(byte).padStart(3, '0')}`
  }
  return text
}

/** A name on the wire; a final dot is allowed. Undefined when it is no domain name: empty or too long labels, or too long. */
export function encodeName(name: string): Buffer | undefined {
  if (name === '' || name === '.') return Buffer.from([0])
  const labels = splitLabels(name.endsWith('.') && !name.endsWith('\\.') ? name.slice(0, -1) : name)
  if (labels === undefined) return undefined
  if (labels.some((label) => label.length === 0 || label.length > LONGEST_LABEL)) return undefined
  const bytes = Buffer.concat([...labels.flatMap((label) => [Buffer.from([label.length]), label]), Buffer.from([0])])
  return bytes.length > LONGEST_NAME ? undefined : bytes
}

/** Labels between dots that are not escaped; undefined when an escape is broken. */
function splitLabels(name: string): Buffer[] | undefined {
  const labels: number[][] = [[]]
  const bytes = Buffer.from(name)
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === 0x2e) labels.push([])
    else if (byte !== 0x5c) labels.at(-1)!.push(byte)
    else {
      const [code] = /^(\d{3}|\D)/.exec(bytes.toString('latin1', i + 1, i + 4)) ?? []
      const value = code === undefined ? 256 : code.length === 3 ? Number(code) : code.charCodeAt(0)
      if (code === undefined || value > 255) return undefined
      labels.at(-1)!.push(value)
      i += code.length
    }
  }
  return labels.map((label) => Buffer.from(label))
}

/** True when two names as `readName` gives them are the same: letters of ASCII compare without case (RFC 4343). */
export function sameName(a: string, b: string): boolean {
  return foldCase(a) === foldCase(b)
}

/** A name with the letters of ASCII in lower case. */
export function foldCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

/** The name under which PTR records of an address are found (RFC 1035 §3.5, RFC 3596 §2.5). @throws RangeError */
export function reverseName(address: string): string {
  const bytes = parseIp(address)
  if (bytes.length === 4) return `${[...bytes].reverse().join('.')}.in-addr.arpa`
  return `${[...bytes.toString('hex')].reverse().join('.')}.ip6.arpa`
}

/** The address that the name of a PTR record stands for; undefined when it is no such name. */
export function addressOfReverseName(name: string): string | undefined {
  const [, reversed, zone] = /^(.*)\.(in-addr|ip6)\.arpa\.?$/i.exec(name) ?? []
  const parts = reversed?.split('.').reverse() ?? []
  if (zone?.toLowerCase() === 'in-addr') {
    const valid = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)
    return valid ? parts.map(Number).join('.') : undefined
  }
  if (parts.length !== 32 || !parts.every((part) => /^[0-9a-f]$/i.test(part))) return undefined
  return formatIPv6(Buffer.from(parts.join(''), 'hex'), 0)
}
