/** More interfaces on one, told apart by IP address (drivers/net/ipvlan). */
import { type Link, ownAddress } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { isGroupMac } from '../addresses.ts'
import { linksOfKind } from '../graph-links.ts'
import { hop } from '../hops.ts'
import { isUp, macOf, nameOf } from '../links.ts'
import type { FrameEnding, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'

/** An interface that stands on another. */
interface Upper {
  readonly place: Place
  readonly upper: Link
}

/** Sends a frame out of an ipvlan: to the sibling that has the address, or to the wire. */
export function ipvlanTransmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const lower = walk.scene.parent(place.inode, link.index)
  const below = lower?.place.link(lower.index)
  const out = hop(walk, place, link, transit, { action: 'send', passes: 'out', detail: `out of ${nameOf(link)}` })
  if (lower === undefined || below === undefined) {
    return [{ kind: 'left', place, link, nextHop: transit.packet.destination, transit: out }]
  }
  const wanted = transit.packet.discovery?.target ?? transit.packet.destination
  const sibling = siblingWith(walk, lower.place, below, wanted)
  if (sibling === undefined) return walk.steps.transmit(walk, lower.place, below, out)
  return [
    handTo(
      walk,
      sibling,
      out,
      `from ${nameOf(link)} to its sibling ${nameOf(sibling.upper)} in ${sibling.place.label}`,
    ),
  ]
}

function siblingWith(walk: Walk, lower: Place, below: Link, address: string): Upper | undefined {
  const all = linksOfKind(walk.scene, (kind) => kind === 'ipvlan' || kind === 'ipvtap').map(
    ({ place, link: upper }) => ({
      place,
      upper,
    }),
  )
  return all.find(({ place, upper }) => {
    if (upper.info?.ipvlan === undefined || !isUp(upper)) return false
    const parent = walk.scene.parent(place.inode, upper.index)
    return parent?.place.inode === lower.inode && parent.index === below.index && owns({ place, upper }, address)
  })
}

function owns({ place, upper }: Upper, address: string): boolean {
  return place.addresses.some((entry) => entry.index === upper.index && ownAddress(entry) === address)
}

/** Its siblings share one link-layer address, so the frame is for each of them. */
function handTo(walk: Walk, { place, upper }: Upper, transit: Transit, detail: string): FrameEnding {
  const landed = hop(walk, place, upper, transit, { action: 'cross', passes: 'in', detail })
  return { kind: 'landed', place, link: upper, transit: landed }
}

/** A frame comes in by an interface that has ipvlans: who has the address takes it. */
export function ipvlanArrive(
  walk: Walk,
  place: Place,
  link: Link,
  uppers: readonly Upper[],
  transit: Transit,
): FrameEnding[] {
  const wanted = transit.packet.discovery?.target ?? transit.packet.destination
  const taker = uppers.find((candidate) => isUp(candidate.upper) && owns(candidate, wanted))
  if (taker !== undefined) {
    return [handTo(walk, taker, transit, `${nameOf(link)} hands it to ${nameOf(taker.upper)} in ${taker.place.label}`)]
  }
  const destination = transit.packet.frame?.destination ?? ''
  return isGroupMac(destination) || destination === macOf(link) ? [{ kind: 'landed', place, link, transit }] : []
}
