/** Prefixes: the addresses that share their leading bits. */
import { type Address, bitsOf, type Family, formatAddress, parseAddress } from './address.ts'

/** A prefix; its host bits are zero. */
export interface Prefix {
  readonly family: Family
  /** Its lowest address. */
  readonly first: bigint
  /** Leading bits that count. */
  readonly length: number
}

/**
 * Reads an address with prefix length, `10.0.0.1/8`: the address, and the prefix that it lies in. They differ where host
 * bits are set.
 * @throws RangeError when it is malformed, has no length or one that is too long
 */
export function parseCidr(text: string): { address: Address; prefix: Prefix } {
  const slash = text.indexOf('/')
  if (slash < 0) throw new RangeError(`${JSON.stringify(text)} has no prefix length`)
  const address = parseAddress(text.slice(0, slash))
  const digits = text.slice(slash + 1)
  if (!/^(0|[1-9]\d{0,2})$/.test(digits) || Number(digits) > bitsOf(address.family)) {
    throw new RangeError(`${JSON.stringify(text)} is not an address and a prefix length`)
  }
  return { address, prefix: prefixOf(address, Number(digits)) }
}

/** The prefix of this length that an address lies in. */
export function prefixOf({ family, value }: Address, length: number): Prefix {
  const hostBits = BigInt(bitsOf(family) - length)
  return { family, first: (value >> hostBits) << hostBits, length }
}

/** `10.0.0.0/8` */
export function formatPrefix({ family, first, length }: Prefix): string {
  return `${formatAddress({ family, value: first })}/${length}`
}

/** How many addresses a prefix holds. */
export function sizeOf({ family, length }: Prefix): bigint {
  return 1n << BigInt(bitsOf(family) - length)
}

/** Highest address of a prefix; the broadcast address of an IPv4 subnet. */
export function lastOf(prefix: Prefix): bigint {
  return prefix.first + sizeOf(prefix) - 1n
}

/** The address `offset` places above the lowest. @throws RangeError when the prefix is smaller than that */
export function nthAddress(prefix: Prefix, offset: bigint): Address {
  if (offset < 0n || offset >= sizeOf(prefix)) {
    throw new RangeError(`${formatPrefix(prefix)} has no address number ${offset}`)
  }
  return { family: prefix.family, value: prefix.first + offset }
}

/** True when an address lies in a prefix. */
export function containsAddress(prefix: Prefix, { family, value }: Address): boolean {
  return family === prefix.family && value >= prefix.first && value <= lastOf(prefix)
}

/** True when all of `inner` lies in `outer`. */
export function containsPrefix(outer: Prefix, inner: Prefix): boolean {
  return inner.length >= outer.length && containsAddress(outer, { family: inner.family, value: inner.first })
}

/** True when two prefixes share an address: then one of them contains the other. */
export function prefixesOverlap(one: Prefix, other: Prefix): boolean {
  return containsPrefix(one, other) || containsPrefix(other, one)
}

/** The prefixes of this length within a prefix, in order. @throws RangeError when it is longer than `length` */
export function* splitPrefix(prefix: Prefix, length: number): Generator<Prefix> {
  if (length < prefix.length || length > bitsOf(prefix.family)) {
    throw new RangeError(`${formatPrefix(prefix)} cannot be split into prefixes of length ${length}`)
  }
  const step = 1n << BigInt(bitsOf(prefix.family) - length)
  for (let first = prefix.first; first <= lastOf(prefix); first += step) yield { family: prefix.family, first, length }
}

/** Order for sorting: IPv4 before IPv6, then by lowest address, then the wider first. */
export function comparePrefixes(one: Prefix, other: Prefix): number {
  if (one.family !== other.family) return one.family - other.family
  if (one.first !== other.first) return one.first < other.first ? -1 : 1
  return one.length - other.length
}
