/** Addresses and prefixes as checks compare them: as numbers, so that IPv4 and IPv6 are one. */
import { parseIp } from '../../kernel/index.ts'
import type { Family } from '../scene/place.ts'

/** A prefix: the addresses whose first `length` bits are those of `first`. */
export interface Prefix {
  readonly family: Family
  readonly first: bigint
  readonly length: number
  /** `10.0.0.0/24`, as it was given. */
  readonly text: string
}

/** IPv4 or IPv6, by its notation. */
export function familyOfAddress(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

/** An address as a number; undefined when it is none. */
export function addressNumber(address: string): bigint | undefined {
  try {
    let number = 0n
    for (const byte of parseIp(address)) number = (number << 8n) | BigInt(byte)
    return number
  } catch {
    return undefined
  }
}

/** The prefix of `10.0.0.7/24`, host bits cleared; undefined when it is malformed. */
export function parsePrefixText(text: string): Prefix | undefined {
  const slash = text.lastIndexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const family = familyOfAddress(address)
  const bits = family === 'ipv4' ? 32 : 128
  const length = slash < 0 ? bits : Number(text.slice(slash + 1))
  const number = addressNumber(address)
  if (number === undefined || !Number.isInteger(length) || length < 0 || length > bits) return undefined
  const shift = BigInt(bits - length)
  return { family, first: (number >> shift) << shift, length, text }
}

/** Whether an address lies in a prefix. */
export function contains(prefix: Prefix, address: string): boolean {
  if (familyOfAddress(address) !== prefix.family) return false
  const number = addressNumber(address)
  if (number === undefined) return false
  const shift = BigInt((prefix.family === 'ipv4' ? 32 : 128) - prefix.length)
  return number >> shift === prefix.first >> shift
}

/** Whether two prefixes have an address in common: one then holds the other. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  if (a.family !== b.family) return false
  const shift = BigInt((a.family === 'ipv4' ? 32 : 128) - Math.min(a.length, b.length))
  return a.first >> shift === b.first >> shift
}

/** Whether the address is good on its link only (fe80::/10) or on its host only (127.0.0.0/8, ::1). */
export function isConfined(address: string): boolean {
  return /^(fe[89ab][0-9a-f]:|127\.|::1$|::$|0\.0\.0\.0$)/i.test(address)
}
