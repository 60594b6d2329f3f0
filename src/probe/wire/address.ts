/** Addresses as probes compare them. */
import { formatIPv4, formatIPv6, parseIp } from '../../kernel/index.ts'

/** IPv4 or IPv6. */
export type IpFamily = 'ipv4' | 'ipv6'

/** The family of an address. */
export function familyOfAddress(address: string): IpFamily {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

/**
 * An address as packets are read to have it: `fd00:0::01` is `fd00::1`. The interface of a link-local one stays.
 * @throws RangeError when it is no IP address
 */
export function canonicalAddress(address: string): string {
  const [bare = '', zone] = address.split('%', 2)
  const bytes = parseIp(bare)
  const text = bytes.length === 4 ? formatIPv4(bytes, 0) : formatIPv6(bytes, 0)
  return zone === undefined ? text : `${text}%${zone}`
}

/** A canonical address without its interface. */
export function bareAddress(address: string): string {
  return address.split('%', 1)[0]!
}
