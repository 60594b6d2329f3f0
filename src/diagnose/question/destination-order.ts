/** Which of a name's addresses is tried first (RFC 6724 section 6, as far as it tells here). */
import { familyOfAddress } from '../scene/fib/address-bits.ts'
import type { Family, Place } from '../scene/place.ts'
import { isLoopbackAddress } from './own-address.ts'

/** Precedences of the default policy table (RFC 6724 section 2.1). */
const Precedence = { loopback: 50, ipv6: 40, ipv4: 35, uniqueLocal: 3 } as const

/** Addresses of the wanted family: those with a route first, then by precedence, then as they came. */
export function inOrderOfPreference(
  from: Place,
  addresses: readonly string[],
  family: Family | undefined,
): readonly string[] {
  return addresses
    .filter((address) => family === undefined || familyOfAddress(address) === family)
    .map((address) => ({ address, rank: rankOf(from, address) }))
    .sort((a, b) => b.rank - a.rank)
    .map(({ address }) => address)
}

/** An address that nothing leads to is the last choice, whatever it is. */
function rankOf(from: Place, address: string): number {
  const precedence = precedenceOf(address)
  const { kind } = from.lookUpRoute({ destination: address })
  return kind === 'unicast' || kind === 'local' ? precedence + 100 : precedence
}

function precedenceOf(address: string): number {
  if (isLoopbackAddress(address)) return Precedence.loopback
  if (!address.includes(':')) return Precedence.ipv4
  return /^f[cd]/i.test(address) ? Precedence.uniqueLocal : Precedence.ipv6
}
