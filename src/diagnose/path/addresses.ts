/** Sums with addresses: which subnet holds which, and the link-layer addresses that follow from groups. */
import { type Address, ownAddress, parseIp } from '../../kernel/index.ts'
import type { Family, Place } from '../scene/place.ts'

/** The link-layer broadcast address. */
export const BROADCAST_MAC = 'ff:ff:ff:ff:ff:ff'

/** Family of an address in text form. */
export function familyOfAddress(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}

/** AF_INET or AF_INET6. */
export function familyNumber(family: Family): number {
  return family === 'ipv4' ? 2 : 10
}

/** Whether the first `length` bits of both addresses agree; false across families and for text that is no address. */
export function inSamePrefix(one: string, other: string, length: number): boolean {
  if (one.includes(':') !== other.includes(':')) return false
  try {
    return prefixMatches(parseIp(one), parseIp(other), length)
  } catch {
    return false
  }
}

function prefixMatches(one: Uint8Array, other: Uint8Array, length: number): boolean {
  const whole = length >> 3
  for (let i = 0; i < whole; i++) if (one[i] !== other[i]) return false
  const rest = length & 7
  if (rest === 0) return true
  const mask = (0xff << (8 - rest)) & 0xff
  return ((one[whole] ?? 0) & mask) === ((other[whole] ?? 0) & mask)
}

/** 224.0.0.0/4, ff00::/8. */
export function isMulticastAddress(address: string): boolean {
  return address.includes(':') ? /^ff/i.test(address) : inSamePrefix(address, '224.0.0.0', 4)
}

/** 127.0.0.0/8, ::1. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || inSamePrefix(address, '127.0.0.0', 8)
}

/** fe80::/10, 169.254.0.0/16. */
export function isLinkLocalAddress(address: string): boolean {
  return inSamePrefix(address, 'fe80::', 10) || inSamePrefix(address, '169.254.0.0', 16)
}

/** Addresses that mean something inside a site only (RFC 1918, 4193, 6598). */
export function isPrivateAddress(address: string): boolean {
  return (
    inSamePrefix(address, '10.0.0.0', 8) ||
    inSamePrefix(address, '172.16.0.0', 12) ||
    inSamePrefix(address, '192.168.0.0', 16) ||
    inSamePrefix(address, '100.64.0.0', 10) ||
    inSamePrefix(address, 'fc00::', 7)
  )
}

/** The unspecified address, or none. */
export function isUnspecified(address: string | undefined): boolean {
  return address === undefined || address === '0.0.0.0' || address === '::'
}

/** Group bit of a link-layer address: broadcast or multicast. */
export function isGroupMac(mac: string): boolean {
  return (Number.parseInt(mac.slice(0, 2), 16) & 1) === 1
}

/** The link-layer address of an IP group (RFC 1112, RFC 2464). */
export function groupMac(group: string): string {
  const bytes = parseIp(group)
  const hex = (value: number | undefined) => (value ?? 0).toString(16).padStart(2, '0')
  if (bytes.length === 4) return `01:00:5e:${hex((bytes[1] ?? 0) & 0x7f)}:${hex(bytes[2])}:${hex(bytes[3])}`
  return `33:33:${hex(bytes[12])}:${hex(bytes[13])}:${hex(bytes[14])}:${hex(bytes[15])}`
}

/** The group that solicitations for an address go to (RFC 4291, 2.7.1). */
export function solicitedNodeGroup(address: string): string {
  const bytes = parseIp(address)
  const group = Buffer.from([
    0xff,
    2,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    1,
    0xff,
    bytes[13] ?? 0,
    bytes[14] ?? 0,
    bytes[15] ?? 0,
  ])
  const words = Array.from({ length: 8 }, (_, i) => group.readUInt16BE(i * 2).toString(16))
  return `ff02::1:${words[6]}:${words[7]}`
}

/** Addresses of one interface, of one family. */
export function addressesOf(place: Place, index: number, family: Family): readonly Address[] {
  const number = familyNumber(family)
  return place.addresses.filter((address) => address.index === index && address.family === number)
}

/** Whether any interface of the namespace has the address as its own. */
export function hasAddress(place: Place, address: string): boolean {
  return place.addresses.some((entry) => ownAddress(entry) === address)
}

/** The interface's address whose subnet holds `address`. */
export function addressTowards(place: Place, index: number, address: string): Address | undefined {
  return addressesOf(place, index, familyOfAddress(address)).find((entry) => {
    const own = ownAddress(entry)
    return own !== undefined && entry.prefixLength > 0 && inSamePrefix(own, address, entry.prefixLength)
  })
}
