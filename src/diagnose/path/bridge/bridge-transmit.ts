/** A bridge's own namespace sends a frame out of it (br_dev_xmit, net/bridge/br_device.c). */
import type { Link } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { hop } from '../hops.ts'
import { nameOf } from '../links.ts'
import type { FrameEnding, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { forwardFrame } from './bridge-forward.ts'
import { classify } from './bridge-receive.ts'
import { answerForNeighbour } from './neighbour-suppression.ts'

/** Sends a frame out of a bridge. */
export function bridgeTransmit(walk: Walk, place: Place, bridge: Link, transit: Transit): FrameEnding[] {
  const detail = `out of the bridge ${nameOf(bridge)}`
  const out = hop(walk, place, bridge, transit, { action: 'send', passes: 'out', detail })
  const switching = classify({ walk, place, bridge, input: undefined, vlan: 0, transit: out })
  if ('kind' in switching) return [switching]
  const answered = answerForNeighbour(switching)
  return [...answered.endings, ...forwardFrame(switching, answered.replied)]
}
