/** Prefixes as people write them in commands. */
import { formatIPv4, formatIPv6, parsePrefix } from '../../../kernel/index.ts'
import { ADDRESS_BITS, addressBits } from '../../scene/fib/address-bits.ts'
import type { Family } from '../../scene/place.ts'
import { WhatIfError } from '../what-if-error.ts'

/** A prefix of a route or rule. */
export interface PrefixWord {
  readonly family: Family
  /** First address of the prefix; undefined for everything. */
  readonly address: string | undefined
  readonly length: number
}

/**
 * Reads `10.0.0.0/8`, `10.0.0.1`, `default`, `all`, `any`.
 * @param family for words that do not tell
 * @throws WhatIfError
 */
export function prefixOf(command: string, word: string, family: Family): PrefixWord {
  if (['default', 'all', 'any'].includes(word)) return { family, address: undefined, length: 0 }
  try {
    const prefix = parsePrefix(word)
    const own = prefix.family === 2 ? 'ipv4' : 'ipv6'
    return {
      family: own,
      address: prefix.length === 0 ? undefined : firstOf(prefix.address, prefix.length, own),
      length: prefix.length,
    }
  } catch {
    throw new WhatIfError(`${command}: "${word}" is neither an address nor a prefix`)
  }
}

/** An address. @throws WhatIfError */
export function addressOf(command: string, word: string): string {
  try {
    return textOfBits(addressBits(word), word.includes(':') ? 'ipv6' : 'ipv4')
  } catch {
    throw new WhatIfError(`${command}: "${word}" is not an address`)
  }
}

/** The first address of the prefix that an address is in. */
export function firstOf(address: string, length: number, family: Family): string {
  const rest = BigInt(ADDRESS_BITS[family] - length)
  return textOfBits((addressBits(address) >> rest) << rest, family)
}

/** The last one. */
export function lastOf(address: string, length: number, family: Family): string {
  const rest = BigInt(ADDRESS_BITS[family] - length)
  return textOfBits(addressBits(address) | ((1n << rest) - 1n), family)
}

function textOfBits(bits: bigint, family: Family): string {
  const bytes = Buffer.from(bits.toString(16).padStart(ADDRESS_BITS[family] / 4, '0'), 'hex')
  return family === 'ipv4' ? formatIPv4(bytes, 0) : formatIPv6(bytes, 0)
}
