/** Hardware and network addresses as attribute values, in the notation people write. */
import type { Value } from './value.ts'

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A link-layer address of any length: `02:42:ac:11:00:02`. Tunnels have an IP address here, byte by byte. */
export const mac: Value<string> = {
  minimum: 0,
  read(bytes, offset, length) {
    let text = ''
    for (let i = 0; i < length; i++) text += i === 0 ? HEX[bytes[offset]!]! : `:${HEX[bytes[offset + i]!]!}`
    return text
  },
  write(writer, value) {
    writer.append(parseMac(value))
  },
}

/**
 * Bytes of `02:42:ac:11:00:02`; of the empty string, which stands for a link without an address, none.
 * @throws RangeError when it is not hexadecimal bytes between colons
 */
export function parseMac(text: string): Buffer {
  if (!/^([0-9a-f]{2}(:[0-9a-f]{2})*)?$/i.test(text)) throw new RangeError(`"${text}" is not a link-layer address`)
  return Buffer.from(text.replaceAll(':', ''), 'hex')
}

/** An IPv4 (4 bytes) or IPv6 (16 bytes) address; the length says which. Other lengths read as hexadecimal. */
export const ip: Value<string> = {
  minimum: 0,
  read(bytes, offset, length) {
    if (length === 4) return formatIPv4(bytes, offset)
    if (length === 16) return formatIPv6(bytes, offset)
    return bytes.toString('hex', offset, offset + length)
  },
  write(writer, value) {
    writer.append(/^([0-9a-f]{2})*$/.test(value) ? Buffer.from(value, 'hex') : parseIp(value))
  },
}

/** Dotted decimal of four bytes. */
export function formatIPv4(bytes: Uint8Array, offset: number): string {
  return `${bytes[offset]}.${bytes[offset + 1]}.${bytes[offset + 2]}.${bytes[offset + 3]}`
}

/** The text form of 16 bytes that RFC 5952 prescribes: lower case, the longest run of zeros compressed. */
export function formatIPv6(bytes: Uint8Array, offset: number): string {
  const groups: number[] = []
  for (let i = 0; i < 16; i += 2) groups.push((bytes[offset + i]! << 8) | bytes[offset + i + 1]!)
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return `::ffff:${formatIPv4(bytes, offset + 12)}`
  }
  const run = longestZeroRun(groups)
  const hex = groups.map((group) => group.toString(16))
  if (run.length < 2) return hex.join(':')
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`
}

function longestZeroRun(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  let start = 0
  groups.forEach((group, i) => {
    if (group !== 0) start = i + 1
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start }
  })
  return best
}

/** Bytes of an IPv4 or IPv6 address. @throws RangeError when the text is neither */
export function parseIp(text: string): Buffer {
  const bytes = text.includes(':') ? parseIPv6(text) : parseIPv4(text)
  if (bytes === undefined) throw new RangeError(`"${text}" is not an IP address`)
  return bytes
}

function parseIPv4(text: string): Buffer | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined
  return Buffer.from(parts.map(Number))
}

function parseIPv6(text: string): Buffer | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head, tail] = halves.map(parseGroups)
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined
  const known = head.length + (tail?.length ?? 0)
  if (halves.length === 1 ? known !== 16 : known > 14) return undefined
  return Buffer.concat([head, Buffer.alloc(16 - known), tail ?? Buffer.alloc(0)])
}

/** Bytes of `a:b:c`, whose last group may be dotted decimal; undefined when it is malformed. */
function parseGroups(text: string): Buffer | undefined {
  if (text === '') return Buffer.alloc(0)
  const groups = text.split(':')
  const parts = groups.map((group, i) => {
    if (i === groups.length - 1 && group.includes('.')) return parseIPv4(group)
    return /^[0-9a-f]{1,4}$/i.test(group) ? Buffer.from(group.padStart(4, '0'), 'hex') : undefined
  })
  return parts.includes(undefined) ? undefined : Buffer.concat(parts as Buffer[])
}
