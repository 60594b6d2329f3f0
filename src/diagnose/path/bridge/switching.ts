/** A frame within a bridge: what decides where it may go (net/bridge). */
import type { Link } from '../../../kernel/index.ts'
import { fixPortIsolated, fixPortSetting, fixPortState, fixVlanMembership } from '../../remedy/link-fix.ts'
import type { Place } from '../../scene/place.ts'
import { downStop } from '../link/transmit-stops.ts'
import { hasCarrier, isUp, nameOf } from '../links.ts'
import type { Stop, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'

/** A frame within a bridge. */
export interface Switching {
  readonly walk: Walk
  readonly place: Place
  readonly bridge: Link
  /** Port that it came in by; undefined when the bridge's own namespace sends it. */
  readonly input: Link | undefined
  /** Vlan that it travels in; 0 where the bridge does not filter by vlan. */
  readonly vlan: number
  readonly transit: Transit
}

/** Ports of a bridge. */
export function portsOf(place: Place, bridge: Link): Link[] {
  return place.links.filter((link) => link.master === bridge.index && link.info?.slaveKind === 'bridge')
}

/** Whether the bridge filters by vlan. */
export function filtersVlans(bridge: Link): boolean {
  return (bridge.info?.bridge?.vlanFiltering ?? 0) !== 0
}

/** How a port, or the bridge itself, belongs to a vlan; undefined when it does not. */
export function membership(place: Place, index: number, vlan: number) {
  const ranges = place.vlans.find((entry) => entry.index === index)?.ranges ?? []
  return ranges.find(({ first, last }) => first <= vlan && vlan <= last)
}

/** Vlan that untagged frames get at a port. */
export function pvidOf(place: Place, index: number): number | undefined {
  return place.vlans.find((entry) => entry.index === index)?.ranges.find(({ pvid }) => pvid)?.first
}

/** Why a port, as it stands, neither takes nor gives frames; undefined when it forwards. */
export function portClosed(walk: Walk, place: Place, bridge: Link, port: Link): Stop | undefined {
  const state = port.info?.bridgePort?.state
  if (!isUp(bridge)) return downStop(walk, place, bridge)
  if (!isUp(port)) return downStop(walk, place, port)
  if (state === undefined || state === 'forwarding') return undefined
  const far = walk.scene.farEnd(place.inode, port.index)
  const peer = far === 'gone' ? undefined : far?.place.link(far.index)
  if (far !== undefined && far !== 'gone' && peer !== undefined && !isUp(peer)) return downStop(walk, far.place, peer)
  if (!hasCarrier(port)) return noCarrier(place, port)
  return blocked(place, bridge, port, `is in state ${state}`, fixOfState(walk, place, bridge, port))
}

function fixOfState(walk: Walk, place: Place, bridge: Link, port: Link) {
  return (bridge.info?.bridge?.stpState ?? 0) === 0 ? fixPortState(place, walk.scene.home, nameOf(port)) : null
}

function noCarrier(place: Place, link: Link): Stop {
  const summary = `${nameOf(link)} in ${place.label} has no carrier.`
  const evidence = [{ fact: `${nameOf(link)} in ${place.label} is up but NO-CARRIER`, source: 'rtnetlink' }]
  return { code: 'carrier-down', place, link, summary, evidence, fix: null }
}

/** A port that exists, but does not let the frame pass. */
export function blocked(place: Place, bridge: Link, port: Link, why: string, fix: Stop['fix']): Stop {
  const summary = `The port ${nameOf(port)} of the bridge ${nameOf(bridge)} in ${place.label} ${why}.`
  const evidence = [{ fact: `${nameOf(port)} in ${place.label} ${why}`, source: 'rtnetlink' }]
  return { code: 'bridge-port-blocked', place, link: port, towards: port, summary, evidence, fix }
}

/** Why the frame may not go out of a port (should_deliver, net/bridge/br_forward.c); undefined when it may. */
export function refusal(switching: Switching, port: Link): Stop | undefined {
  const { walk, place, bridge, input, vlan } = switching
  const closed = portClosed(walk, place, bridge, port)
  if (closed !== undefined) return { ...closed, towards: port }
  if (filtersVlans(bridge) && membership(place, port.index, vlan) === undefined) {
    const fix = fixVlanMembership(place, walk.scene.home, nameOf(port), { vlan, untagged: true })
    return blocked(place, bridge, port, `is not a member of vlan ${vlan}`, fix)
  }
  if (input?.info?.bridgePort?.isolated === 1 && port.info?.bridgePort?.isolated === 1) {
    return isolated(walk, place, bridge, input, port)
  }
  return undefined
}

function isolated(walk: Walk, place: Place, bridge: Link, input: Link, port: Link): Stop {
  const summary = `The ports ${nameOf(input)} and ${nameOf(port)} of the bridge ${nameOf(bridge)} in ${place.label} are isolated from each other.`
  const evidence = [input, port].map((link) => ({
    fact: `${nameOf(link)} in ${place.label} is an isolated port`,
    source: 'rtnetlink',
  }))
  const fix = fixPortIsolated(place, walk.scene.home, nameOf(port))
  return { code: 'bridge-port-isolated', place, link: port, towards: port, summary, evidence, fix }
}

/** Kinds of frames that a port may be told not to be flooded with. */
const FLOODING = {
  unicast: ['unicastFlood', 'flood', 'frames for unknown addresses'],
  multicast: ['multicastFlood', 'mcast_flood', 'multicast'],
  broadcast: ['broadcastFlood', 'bcast_flood', 'broadcasts'],
} as const

/** Why a frame is not flooded to a port. */
export function floodRefusal(switching: Switching, port: Link, kind: keyof typeof FLOODING): Stop | undefined {
  const { walk, place, bridge } = switching
  const [property, word, what] = FLOODING[kind]
  if (port.info?.bridgePort?.[property] !== 0) return undefined
  const fix = fixPortSetting(place, walk.scene.home, nameOf(port), word, true)
  return blocked(place, bridge, port, `is not flooded with ${what} (${word} off)`, fix)
}
