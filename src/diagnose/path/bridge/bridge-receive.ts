/** A frame comes in by a port of a bridge (br_handle_frame, net/bridge/br_input.c). */
import type { Link } from '../../../kernel/index.ts'
import { fixVlanMembership } from '../../remedy/link-fix.ts'
import type { Place } from '../../scene/place.ts'
import { hop, stopped } from '../hops.ts'
import { nameOf } from '../links.ts'
import type { FrameEnding, Stopped, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { forwardFrame } from './bridge-forward.ts'
import { bridgeHook } from './bridge-hooks.ts'
import { learn } from './forwarding-table.ts'
import { answerForNeighbour } from './neighbour-suppression.ts'
import { blocked, filtersVlans, membership, portClosed, pvidOf, type Switching } from './switching.ts'

/** A frame comes in by a port. */
export function bridgeReceive(walk: Walk, place: Place, index: number, port: Link, transit: Transit): FrameEnding[] {
  const bridge = place.link(index)
  const { frame } = transit.packet
  if (bridge === undefined || frame === undefined) return []
  const detail = `into ${nameOf(bridge)} by its port ${nameOf(port)}`
  const inside = hop(walk, place, port, transit, { action: 'bridge', detail })
  const closed = portClosed(walk, place, bridge, port)
  if (closed !== undefined) return [stopped(walk, closed, inside)]
  const asked = bridgeHook({ walk, place, bridge, input: port, vlan: 0, transit: inside }, 'prerouting', undefined)
  if (asked.kind === 'stopped') return [asked]
  if (asked.kind === 'taken-up') return asked.endings
  const switching = classify({ walk, place, bridge, input: port, vlan: 0, transit: asked.transit })
  if ('kind' in switching) return [switching]
  learn(switching)
  const answered = answerForNeighbour(switching)
  return [...answered.endings, ...forwardFrame(switching, answered.replied)]
}

/** Which vlan the frame belongs to (br_allowed_ingress, net/bridge/br_vlan.c). */
export function classify(switching: Switching): Switching | Stopped {
  const { walk, place, bridge, input, transit } = switching
  const { frame } = transit.packet
  if (!filtersVlans(bridge) || frame === undefined) return switching
  const door = input ?? bridge
  const { vlan: tag, ...untagged } = frame
  const vlan = tag ?? pvidOf(place, door.index)
  if (vlan !== undefined && membership(place, door.index, vlan) !== undefined) {
    return { ...switching, vlan, transit: { ...transit, packet: { ...transit.packet, frame: untagged } } }
  }
  const why =
    vlan === undefined ? 'takes no untagged frames: it has no vlan for them (pvid)' : `is not a member of vlan ${vlan}`
  const wanted = {
    vlan: vlan ?? bridge.info?.bridge?.vlanDefaultPvid ?? 1,
    untagged: tag === undefined,
    self: input === undefined,
  }
  const fix = fixVlanMembership(place, walk.scene.home, nameOf(door), wanted)
  return stopped(walk, blocked(place, bridge, door, why, fix), transit)
}
