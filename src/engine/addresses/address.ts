/**
 * IP addresses as numbers. Both families are one bigint: an allocator and a table of prefixes then have one formulation, and
 * a bigint costs IPv4 some tens of nanoseconds an operation (docs/decisions/leases.md).
 */
import { formatIPv6, parseIp } from '../../kernel/index.ts'

/** IPv4 or IPv6. */
export type Family = 4 | 6

/** An IP address. */
export interface Address {
  readonly family: Family
  /** 32 or 128 bits, first octet highest. */
  readonly value: bigint
}

/** Bits of an address: 32 or 128. */
export function bitsOf(family: Family): number {
  return family === 4 ? 32 : 128
}

/**
 * Reads `10.0.0.1` or `fd00::1`. Octets with leading zeros are refused, since some programs read them as octal.
 * @throws RangeError when it is neither
 */
export function parseAddress(text: string): Address {
  const bytes = parseIp(text)
  if (bytes.length === 4) return { family: 4, value: BigInt(bytes.readUInt32BE()) }
  return { family: 6, value: (bytes.readBigUInt64BE() << 64n) | bytes.readBigUInt64BE(8) }
}

/** Dotted decimal, or the form of RFC 5952. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) {
    const word = Number(value)
    return `${word >>> 24}.${(word >>> 16) & 255}.${(word >>> 8) & 255}.${word & 255}`
  }
  return formatIPv6(Buffer.from(value.toString(16).padStart(32, '0'), 'hex'), 0)
}

/** Order for sorting: IPv4 before IPv6, then by value. */
export function compareAddresses(one: Address, other: Address): number {
  if (one.family !== other.family) return one.family - other.family
  return one.value < other.value ? -1 : one.value > other.value ? 1 : 0
}
