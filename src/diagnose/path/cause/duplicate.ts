/** A packet that reached somebody else who has the same address. */
import { addressTowards, hasAddress } from '../addresses.ts'
import { nameOf } from '../links.ts'
import type { Delivered, Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'

/** Why the namespace that took the packet is not the one that was meant; undefined when it is, or may be. */
export function addressElsewhere(walk: Walk, { place, link, transit }: Delivered): Stop | undefined {
  const { to } = walk.flow
  const { destination } = transit.packet
  if (to === undefined || to.inode === place.inode || destination !== walk.flow.destination) return undefined
  // Only where both are at home in the same subnet: a router may well have an address of the namespace behind it.
  if (!hasAddress(to, destination) || addressTowards(place, link.index, destination) === undefined) return undefined
  const summary = `${nameOf(link)} in ${place.label} has the address ${destination} of ${to.label} too, and takes its packets.`
  const evidence = [
    { fact: `${nameOf(link)} in ${place.label} has ${destination}`, source: 'rtnetlink' },
    { fact: `${to.label} has ${destination}`, source: 'rtnetlink' },
  ]
  return { code: 'address-duplicate', place, link, summary, evidence, fix: null }
}
