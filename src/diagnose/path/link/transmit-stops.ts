/** What stops a frame at the interface itself. */
import type { Link } from '../../../kernel/index.ts'
import { fixLinkDown } from '../../remedy/link-fix.ts'
import type { Place } from '../../scene/place.ts'
import { nameOf } from '../links.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'

/** The interface is down, and there it must be brought up. */
export function downStop(walk: Walk, place: Place, link: Link): Stop {
  return {
    code: 'interface-down',
    place,
    link,
    summary: `The interface ${nameOf(link)} in ${place.label} is down.`,
    evidence: [{ fact: `${nameOf(link)} in ${place.label} is administratively down`, source: 'rtnetlink' }],
    fix: fixLinkDown(place, walk.scene.home, nameOf(link)),
  }
}
