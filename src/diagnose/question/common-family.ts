/** Which family is meant where nobody says: that in which everybody else on the wire can be reached. */
import { type Link, ownAddress } from '../../kernel/index.ts'
import { othersOnWire } from '../path/wire.ts'
import { FAMILY_NUMBER } from '../scene/fib/address-bits.ts'
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { inSubnetOf, ownAddresses, type PlaceAddress } from './own-address.ts'

/**
 * Whether TO is the only one on a wire that it shares with FROM which has no IPv4 address, so that it has lost it, rather than
 * that it was never to have one: that IPv6 still works is no answer then.
 */
export function hasLostIPv4(scene: Scene, from: Place, to: Place): boolean {
  if (ownAddresses(to, 'ipv4').length > 0) return false
  return ownAddresses(from, 'ipv4').some((own) => {
    const link = own.index === undefined ? undefined : from.link(own.index)
    if (link === undefined) return false
    const others = othersOnWire(scene, from, link)
    if (!others.some(({ place }) => place.inode === to.inode)) return false
    const rest = others.filter((other) => other.place.inode !== to.inode && !isBareBridge(other))
    return rest.length > 0 && rest.every((other) => isIn(own, other))
  })
}

/** A bridge need not have addresses. */
function isBareBridge({ place, link }: { readonly place: Place; readonly link: Link }): boolean {
  return (
    link.info?.kind === 'bridge' && !place.addresses.some(({ index, scope }) => index === link.index && scope === 0)
  )
}

function isIn(subnet: PlaceAddress, { place, link }: { readonly place: Place; readonly link: Link }): boolean {
  return place.addresses.some((entry) => {
    if (entry.index !== link.index || entry.family !== FAMILY_NUMBER.ipv4) return false
    const address = ownAddress(entry)
    return address !== undefined && inSubnetOf(address, subnet)
  })
}
