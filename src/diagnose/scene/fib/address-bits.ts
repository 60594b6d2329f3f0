/** Addresses as numbers, to compare prefixes. */
import { parseIp } from '../../../kernel/index.ts'
import type { Family } from '../place.ts'

/** Bits of an address of each family. */
export const ADDRESS_BITS = { ipv4: 32, ipv6: 128 } as const

/** AF_INET and AF_INET6. */
export const FAMILY_NUMBER = { ipv4: 2, ipv6: 10 } as const

/** Family of an address in text form. */
export function familyOfAddress(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

/** An address as a number. @throws RangeError when it is not an address */
export function addressBits(address: string): bigint {
  const bytes = parseIp(address)
  let bits = 0n
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte)
  return bits
}

/** Whether the first `length` bits agree. */
export function samePrefix(one: bigint, other: bigint, length: number, family: Family): boolean {
  const rest = BigInt(ADDRESS_BITS[family] - length)
  return one >> rest === other >> rest
}

/** How many leading bits agree. */
export function commonPrefix(one: bigint, other: bigint, family: Family): number {
  let difference = one ^ other
  let length: number = ADDRESS_BITS[family]
  while (difference !== 0n) {
    difference >>= 1n
    length--
  }
  return length
}

/** Whether nobody is meant: `0.0.0.0` or `::`. */
export function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}
