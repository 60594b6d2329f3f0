/** Addresses of a namespace that others may be told. */
import { type Address, AddressFlag, ownAddress } from '../../kernel/index.ts'
import { addressBits, FAMILY_NUMBER, samePrefix } from '../scene/fib/address-bits.ts'
import type { Family, Place } from '../scene/place.ts'

/** An address that a namespace has, or ought to have. */
export interface PlaceAddress {
  readonly address: string
  readonly prefixLength: number
  readonly family: Family
  /** Interface that has it; undefined when it ought to be there and is not. */
  readonly index: number | undefined
  readonly linkLocal: boolean
}

/** Addresses of a namespace without those of its loopback; IPv4 first. Link-local ones of IPv6 only where it was asked for. */
export function ownAddresses(place: Place, family: Family | undefined): readonly PlaceAddress[] {
  return (['ipv4', 'ipv6'] as const)
    .filter((candidate) => family === undefined || candidate === family)
    .flatMap((candidate) =>
      place.addresses.filter((entry) => entry.family === FAMILY_NUMBER[candidate] && isUsable(entry)),
    )
    .flatMap((entry) => placeAddress(entry) ?? [])
    .filter((address) => family === 'ipv6' || !address.linkLocal || address.family === 'ipv4')
}

function placeAddress(entry: Address): PlaceAddress | undefined {
  const address = ownAddress(entry)
  if (address === undefined || isLoopbackAddress(address)) return undefined
  const family = entry.family === FAMILY_NUMBER.ipv4 ? 'ipv4' : 'ipv6'
  const { prefixLength, index } = entry
  return { address, prefixLength, family, index, linkLocal: isLinkLocal(address) }
}

/** An address that duplicate address detection refused is nobody's. */
function isUsable(entry: Address): boolean {
  return ((entry.allFlags ?? entry.flags) & AddressFlag.dadFailed) === 0
}

/** 127.0.0.0/8 and ::1. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || address.startsWith('127.')
}

/** fe80::/10 and 169.254.0.0/16. */
export function isLinkLocal(address: string): boolean {
  return address.includes(':') ? addressBits(address) >> 118n === 0x3fan : address.startsWith('169.254.')
}

/** Whether `address` lies in the subnet of `other`. */
export function inSubnetOf(address: string, other: Pick<PlaceAddress, 'address' | 'prefixLength' | 'family'>): boolean {
  if (address.includes(':') !== (other.family === 'ipv6')) return false
  return samePrefix(addressBits(address), addressBits(other.address), other.prefixLength, other.family)
}
