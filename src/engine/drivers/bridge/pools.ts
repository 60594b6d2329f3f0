/** Reading the pools of a network: which address is the gateway, and whether two ranges overlap. */
import { formatIPv4, formatIPv6, parseIp, parsePrefix } from '../../../kernel/index.ts'
import type { NetworkRecord, PoolLease } from '../../model.ts'

/** The pool of a family; a bridge network has at most one each. */
export function poolOf(network: NetworkRecord, family: 4 | 6): PoolLease | undefined {
  return network.pools.find((pool) => pool.family === family)
}

/** Address without its prefix length. */
export function bare(prefix: string): string {
  const slash = prefix.indexOf('/')
  return slash < 0 ? prefix : prefix.slice(0, slash)
}

/** Family of an address or prefix, told by its colons. */
export function familyOfText(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4
}

/** First and last address of a prefix, as numbers. */
function bounds(prefix: string): { first: bigint; last: bigint; bits: number } {
  const { address, length } = parsePrefix(prefix)
  const bytes = parseIp(address)
  const bits = bytes.length * 8
  const host = (1n << BigInt(bits - length)) - 1n
  const first = BigInt(`0x${Buffer.from(bytes).toString('hex')}`) & ~host
  return { first, last: first | host, bits }
}

/** True when two prefixes of one family share an address. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [bounds(one), bounds(other)]
  return a.bits === b.bits && a.first <= b.last && b.first <= a.last
}

/** True when `address` lies in `prefix`. */
export function within(address: string, prefix: string): boolean {
  return overlaps(bare(address), prefix)
}

/** An address as the kernel writes it: IPv6 in its shortest form. @throws RangeError when it is none */
export function canonicalAddress(address: string): string {
  const bytes = parseIp(address)
  return bytes.length === 4 ? formatIPv4(bytes, 0) : formatIPv6(bytes, 0)
}

/** A prefix as the kernel writes it. @throws RangeError when it is malformed */
export function canonicalPrefix(prefix: string): string {
  const { address, length } = parsePrefix(prefix)
  return `${canonicalAddress(address)}/${length}`
}
