/** Entries of the way that is told to people. */
import type { Link } from '../../kernel/index.ts'
import type { Place } from '../scene/place.ts'
import { nameOf } from './links.ts'
import type { Packet } from './packet.ts'
import type { Hop, HopAction } from './prediction.ts'
import type { Stop, Stopped, Transit } from './transit.ts'
import type { Walk } from './walk.ts'

/** What happens at a hop. */
export interface HopNote {
  readonly action: HopAction
  readonly detail: string
  readonly passes?: 'in' | 'out'
  /** The packet as it is after this step; left out: as it was. */
  readonly packet?: Packet
}

/** The transit with one more hop. */
export function hop(walk: Walk, place: Place, link: Link | undefined, transit: Transit, note: HopNote): Transit {
  const packet = note.packet ?? transit.packet
  const entry: Hop = {
    direction: walk.direction,
    namespace: place.inode,
    label: place.label,
    interface: link === undefined ? null : nameOf(link),
    index: link?.index ?? null,
    passes: note.passes ?? null,
    action: note.action,
    detail: note.detail,
    packet,
  }
  return { ...transit, packet, hops: [...transit.hops, entry] }
}

/** The end of a transit, with a last hop that says why. */
export function stopped(walk: Walk, stop: Stop, transit: Transit): Stopped {
  return {
    kind: 'stopped',
    stop,
    transit: hop(walk, stop.place, stop.link, transit, { action: 'drop', detail: stop.summary }),
  }
}
