/** The source address that a packet gets which leaves by IPv4 (inet_select_addr, net/ipv4/devinet.c). */
import { type Address, AddressFlag } from '../../../kernel/index.ts'
import { addressBits, samePrefix } from './address-bits.ts'
import { type FibView, vrfOf } from './fib-view.ts'

/** Scopes as routes and addresses have them: the lower, the further (RT_SCOPE_*). */
export const Scope = { universe: 0, link: 253, host: 254 } as const

/**
 * Chooses a source address.
 * @param output interface that the packet leaves by
 * @param toward an address in whose subnet ours should be: the gateway's; undefined for none
 * @param scope the address must reach as far as the route does
 */
export function ipv4Source(
  view: FibView,
  output: number,
  toward: string | undefined,
  scope: number,
): string | undefined {
  const own = primaryAddresses(view, output)
  const reachScope =
    view.settings.ofInterface('ipv4', nameOf(view, output), 'route_localnet') === '1' ? Scope.link : Scope.host
  const candidates = own.filter((address) => Math.min(address.scope, reachScope) <= scope)
  const near = toward === undefined ? candidates[0] : candidates.find((address) => isInSubnetOf(toward, address))
  const chosen = near ?? candidates[0]
  if (chosen !== undefined) return chosen.local ?? chosen.address
  return addressOfAnother(view, output, scope)
}

/** An address of another interface, where the one at hand has none; the VRF's first, where there is one. */
function addressOfAnother(view: FibView, output: number, scope: number): string | undefined {
  const vrf = vrfOf(view, output)
  const others = view.links.filter((link) => vrfOf(view, link.index) === vrf).map(({ index }) => index)
  for (const index of vrf === 0 ? others : [vrf, ...others]) {
    const usable = primaryAddresses(view, index).find(
      (address) => address.scope !== Scope.link && address.scope <= scope,
    )
    if (usable !== undefined) return usable.local ?? usable.address
  }
  return undefined
}

function primaryAddresses(view: FibView, index: number): Address[] {
  return view.addresses.filter(
    (address) => address.family === 2 && address.index === index && (flagsOf(address) & AddressFlag.secondary) === 0,
  )
}

function flagsOf(address: Address): number {
  return address.allFlags ?? address.flags
}

function isInSubnetOf(gateway: string, { address, prefixLength }: Address): boolean {
  if (address === undefined || gateway.includes(':')) return false
  return samePrefix(addressBits(gateway), addressBits(address), prefixLength, 'ipv4')
}

function nameOf(view: FibView, index: number): string {
  return view.link(index)?.name ?? ''
}
