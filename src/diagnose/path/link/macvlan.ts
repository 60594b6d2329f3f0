/** More interfaces on one, told apart by link-layer address (drivers/net/macvlan.c). */
import type { Link } from '../../../kernel/index.ts'
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

/** Sends a frame out of a macvlan: to its siblings in mode bridge, and to the wire. */
export function macvlanTransmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const lower = walk.scene.parent(place.inode, link.index)
  const below = lower?.place.link(lower.index)
  const { frame } = transit.packet
  if (lower === undefined || below === undefined || frame === undefined) {
    const detail = `through ${nameOf(link)}`
    const out = hop(walk, place, link, transit, { action: 'send', passes: 'out', detail })
    return [{ kind: 'left', place, link, nextHop: transit.packet.destination, transit: out }]
  }
  const out = hop(walk, place, link, transit, { action: 'send', passes: 'out', detail: `on ${nameOf(below)}` })
  const siblings = link.info?.macvlan?.mode === 'bridge' ? siblingsOf(walk, place, link, lower.place, below) : []
  const group = isGroupMac(frame.destination)
  const taken = siblings.filter(({ upper }) => isUp(upper) && (group || macOf(upper) === frame.destination))
  const inside = taken.flatMap(({ place: there, upper }) => {
    const crossing = `from ${nameOf(link)} to its sibling ${nameOf(upper)} in ${there.label}`
    const crossed = hop(walk, there, upper, out, { action: 'cross', passes: 'in', detail: crossing })
    return walk.steps.arrive(walk, there, upper, crossed)
  })
  // The lower interface itself never hears its own macvlans: only what comes from the wire.
  return taken.length > 0 && !group ? inside : [...inside, ...walk.steps.transmit(walk, lower.place, below, out)]
}

function siblingsOf(walk: Walk, place: Place, link: Link, lower: Place, below: Link): Upper[] {
  const all = linksOfKind(walk.scene, (kind) => kind === 'macvlan' || kind === 'macvtap')
  return all
    .map(({ place: there, link: upper }) => ({ place: there, upper }))
    .filter(({ place: there, upper }) => {
      if (upper.info?.macvlan?.mode !== 'bridge') return false
      if (there.inode === place.inode && upper.index === link.index) return false
      const parent = walk.scene.parent(there.inode, upper.index)
      return parent?.place.inode === lower.inode && parent.index === below.index
    })
}

/** A frame comes in by an interface that has macvlans. */
export function macvlanArrive(
  walk: Walk,
  place: Place,
  link: Link,
  uppers: readonly Upper[],
  transit: Transit,
): FrameEnding[] {
  const destination = transit.packet.frame?.destination ?? ''
  const group = isGroupMac(destination)
  const taken = uppers.filter(({ upper }) => isUp(upper) && (group || macOf(upper) === destination))
  const endings = taken.flatMap(({ place: there, upper }) => {
    const detail = `${nameOf(link)} hands it to ${nameOf(upper)} in ${there.label}`
    return walk.steps.arrive(
      walk,
      there,
      upper,
      hop(walk, there, upper, transit, { action: 'cross', passes: 'in', detail }),
    )
  })
  if (taken.length > 0 && !group) return endings
  const own = group || destination === macOf(link)
  return own ? [...endings, { kind: 'landed', place, link, transit }] : endings
}
