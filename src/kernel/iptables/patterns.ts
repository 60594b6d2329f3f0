/** Networks and interfaces as rules name them: a value and a mask of the bytes that count. */
import { formatIPv4, formatIPv6 } from '../netlink/address-value.ts'
import { cText } from './entry.ts'

/** `10.0.0.0/8`, or with a dotted mask when its bits are not contiguous; undefined when every address is meant. */
export function networkPattern(address: Buffer, mask: Buffer): string | undefined {
  if (mask.every((byte) => byte === 0) && address.every((byte) => byte === 0)) return undefined
  return `${formatAddress(address)}/${prefixLength(mask) ?? formatAddress(mask)}`
}

/** An address of 4 or 16 bytes. */
export function formatAddress(bytes: Buffer): string {
  return bytes.length === 4 ? formatIPv4(bytes, 0) : formatIPv6(bytes, 0)
}

/** Number of leading one bits of a mask; undefined when others follow. */
export function prefixLength(mask: Buffer): number | undefined {
  const bits = [...mask].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return /^1*0*$/.test(bits) ? bits.lastIndexOf('1') + 1 : undefined
}

/**
 * The interface name that a name and its mask describe. Where the mask includes the NUL at the end, the name is exact; where
 * it stops before, any rest is accepted, which is written `+`. Undefined when every interface is meant.
 */
export function interfacePattern(name: Buffer, mask: Buffer): string | undefined {
  const zero = mask.indexOf(0)
  const significant = name.subarray(0, zero < 0 ? mask.length : zero)
  if (significant.length === 0) return undefined
  const isExact = significant.includes(0) || significant.length === name.length
  return isExact ? cText(significant) : `${cText(significant)}+`
}
