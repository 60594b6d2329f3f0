/** DHCP for IPv4 (RFC 2131) as text. */
import type { AddressText } from './address-text.ts'

const MESSAGES = ['', 'discover', 'offer', 'request', 'decline', 'acknowledge', 'refuse', 'release', 'inform']
const COOKIE = 0x63825363
const FIXED = 236

/** A message that stands from `at` up to `end`; undefined when it is BOOTP or nothing of the kind. */
export function decodeDhcp(text: AddressText, bytes: Uint8Array, at: number, end: number): string | undefined {
  if (end - at < FIXED + 4 || u32(bytes, at + FIXED) !== COOKIE) return undefined
  const options = readOptions(bytes, at + FIXED + 4, end)
  const kind = options.get(53)
  const name = kind === undefined ? 'BOOTP' : `DHCP ${MESSAGES[bytes[kind]!] ?? `message ${bytes[kind]}`}`
  const client = text.mac(bytes, at + 28)
  const given = text.ipv4(bytes, at + 16)
  const wanted = options.get(50)
  const server = options.get(54)
  const words = [
    `${name} for ${client}`,
    ...(given === '0.0.0.0' ? [] : [given]),
    ...(wanted === undefined ? [] : [`wants ${text.ipv4(bytes, wanted)}`]),
    ...(server === undefined ? [] : [`server ${text.ipv4(bytes, server)}`]),
    `xid 0x${u32(bytes, at + 4)
      .toString(16)
      .padStart(8, '0')}`,
  ]
  return words.join(' ')
}

/** Where the values of the options stand that we tell of; those of addresses only when they are long enough. */
function readOptions(bytes: Uint8Array, from: number, end: number): Map<number, number> {
  const found = new Map<number, number>()
  let at = from
  while (at + 1 < end) {
    const code = bytes[at]!
    if (code === 255) break
    if (code === 0) {
      at++
      continue
    }
    const length = bytes[at + 1]!
    if (at + 2 + length > end) break
    if ((code === 53 && length >= 1) || ((code === 50 || code === 54) && length === 4)) found.set(code, at + 2)
    at += 2 + length
  }
  return found
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
