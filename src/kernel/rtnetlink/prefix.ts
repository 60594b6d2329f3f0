/** Address families, and prefixes as people write them. */
import { parseIp } from '../netlink/address-value.ts'

/** Address families as rtnetlink numbers them (AF_*, sys/socket.h). */
export const AddressFamily = { unspecified: 0, inet: 2, bridge: 7, inet6: 10, mpls: 28 } as const

/** An address and how many of its leading bits count. */
export interface Prefix {
  readonly family: number
  readonly address: string
  readonly length: number
}

/** Family of an address in text form. @throws RangeError when it is not an IP address */
export function familyOf(address: string): number {
  return parseIp(address).length === 4 ? AddressFamily.inet : AddressFamily.inet6
}

/** Reads `10.0.0.0/8` or `fd00::/8`; without a length all bits count. @throws RangeError when it is malformed */
export function parsePrefix(text: string): Prefix {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const family = familyOf(address)
  const bits = family === AddressFamily.inet ? 32 : 128
  if (slash < 0) return { family, address, length: bits }
  const digits = text.slice(slash + 1)
  if (!/^\d{1,3}$/.test(digits) || Number(digits) > bits)
    throw new RangeError(`"${text}" is not an address and a prefix length`)
  return { family, address, length: Number(digits) }
}
