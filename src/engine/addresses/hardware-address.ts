/** Hardware addresses that follow from IP addresses, and the other way round. */
import { parseMac } from '../../kernel/index.ts'
import { type Address, formatAddress } from './address.ts'
import { formatPrefix, type Prefix } from './prefix.ts'

/** Length of the longest IPv6 prefix that leaves room for the 48 bits of a hardware address. */
const LONGEST_FOR_MAC = 80

/**
 * The hardware address of an IPv4 address: locally administered, `02:42` and the four octets. Who takes the address over
 * later has the same one, so that neighbours' caches stay right.
 * @throws RangeError for IPv6
 */
export function macOfIPv4(address: Address): string {
  if (address.family !== 4) throw new RangeError(`${formatAddress(address)} is not an IPv4 address`)
  const octets = address.value.toString(16).padStart(8, '0')
  return `02:42:${octets.match(/../g)!.join(':')}`
}

/**
 * The address of a hardware address in an IPv6 prefix: its last six octets are those of the hardware address.
 * @throws RangeError when the prefix is longer than /80 or not IPv6, or the hardware address is not six octets
 */
export function addressOfMac(prefix: Prefix, mac: string): Address {
  const octets = parseMac(mac)
  if (octets.length !== 6) throw new RangeError(`"${mac}" is not a hardware address of six octets`)
  if (prefix.family !== 6 || prefix.length > LONGEST_FOR_MAC) {
    throw new RangeError(
      `${formatPrefix(prefix)} has no room for a hardware address: IPv6, at most /${LONGEST_FOR_MAC}`,
    )
  }
  return { family: 6, value: prefix.first | BigInt(`0x${octets.toString('hex')}`) }
}
