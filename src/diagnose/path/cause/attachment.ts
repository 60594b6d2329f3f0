/** How an interface hangs on its layer 2: through its other end, on a bridge, or on nothing. */
import type { Link } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { downStop } from '../link/transmit-stops.ts'
import { bridgeOf, isUp, kindOf, nameOf } from '../links.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'

/** An interface in its namespace. */
export interface End {
  readonly place: Place
  readonly link: Link
}

/** How an interface hangs on its layer 2. */
export interface Attachment {
  /** The interface, its far end, …: everything between it and the bridge. */
  readonly ends: readonly End[]
  /** The bridge that it ends at; undefined when it ends at a bare interface, the last of `ends`. */
  readonly bridge: End | undefined
  /** What is broken on the way there. */
  readonly broken: Stop | undefined
}

/** Follows an interface to the bridge behind it. */
export function attachmentOf(walk: Walk, place: Place, link: Link): Attachment {
  const ends: End[] = []
  let at: End | undefined = { place, link }
  while (at !== undefined && ends.length < 8) {
    ends.push(at)
    if (!isUp(at.link)) return { ends, bridge: undefined, broken: downStop(walk, at.place, at.link) }
    const bridge = bridgeAt(at)
    if (bridge !== undefined) return { ends, bridge, broken: undefined }
    const next = nextEnd(walk, at, ends)
    if (next === 'gone') return { ends, bridge: undefined, broken: goneStop(at) }
    at = next
  }
  return { ends, bridge: undefined, broken: undefined }
}

function bridgeAt({ place, link }: End): End | undefined {
  if (kindOf(link) === 'bridge') return { place, link }
  const index = bridgeOf(link)
  const bridge = index === undefined ? undefined : place.link(index)
  return bridge === undefined ? undefined : { place, link: bridge }
}

function nextEnd(walk: Walk, { place, link }: End, passed: readonly End[]): End | 'gone' | undefined {
  const kind = kindOf(link)
  const next =
    kind === 'veth' || kind === 'netkit'
      ? walk.scene.farEnd(place.inode, link.index)
      : /^(vlan|macv|ipv)/.test(kind)
        ? walk.scene.parent(place.inode, link.index)
        : undefined
  if (next === undefined || next === 'gone') return next
  const there = next.place.link(next.index)
  if (there === undefined || passed.some((end) => sameEnd(end, { place: next.place, link: there }))) return undefined
  return { place: next.place, link: there }
}

/** Whether both are the same interface. */
export function sameEnd(one: End, other: End): boolean {
  return one.place.inode === other.place.inode && one.link.index === other.link.index
}

function goneStop({ place, link }: End): Stop {
  const summary = `The other end of ${nameOf(link)} in ${place.label} is gone.`
  const evidence = [{ fact: `${nameOf(link)} in ${place.label} has no peer any more`, source: 'rtnetlink' }]
  return { code: 'link-peer-missing', place, link, summary, evidence, fix: null }
}
