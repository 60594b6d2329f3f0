/** The last steps of a packet in a namespace: MTU, postrouting, the neighbour, the interface (ip_finish_output). */
import type { Link } from '../../../kernel/index.ts'
import { fixMtu } from '../../remedy/link-fix.ts'
import type { Place, RouteAnswer } from '../../scene/place.ts'
import { groupMac, hasAddress, isMulticastAddress } from '../addresses.ts'
import { explainMissed, explainWrongPlace } from '../cause/missed.ts'
import { visitHook } from '../hooks.ts'
import { hop, stopped } from '../hops.ts'
import { hasNeighbours, kindOf, macOf, mtuOf, nameOf } from '../links.ts'
import { resolve } from '../neighbour/resolve.ts'

import type { FrameEnding, Landing, PacketEnding, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'

/** Where a packet goes out. */
export interface WayOut {
  readonly link: Link
  readonly route: RouteAnswer
  /** It was made here: it is fragmented where it is too long. */
  readonly local: boolean
  readonly tunnelled: boolean
}

/** Sends a routed packet out. */
export function output(walk: Walk, place: Place, way: WayOut, transit: Transit): PacketEnding {
  const { link, route } = way
  const tooLong = mtuStop(walk, place, way, transit)
  if (tooLong !== undefined) return tooLong
  const fitting = fragmented(walk, place, way, transit)
  const asked = visitHook(walk, place, { layer: 'ip', hook: 'postrouting', output: link }, fitting)
  if (asked.kind === 'stopped') return asked
  const nextHop = route.gateway ?? asked.transit.packet.destination
  if (kindOf(link) === 'vrf' && route.kind !== 'local')
    walk.doubts.add(`The way through the VRF ${nameOf(link)} was not followed in full.`)
  if (route.kind === 'local' || !hasNeighbours(link)) return arriveAt(walk, place, way, asked.transit, nextHop)
  const group = groupFrame(link, route, asked.transit)
  if (group !== undefined) return arriveAt(walk, place, way, group, nextHop)
  const neighbour = resolve(walk, place, link, nextHop, asked.transit)
  if (neighbour.kind !== 'known') return neighbour
  const frame = { source: macOf(link), destination: neighbour.mac }
  const framed = { ...neighbour.transit, packet: { ...neighbour.transit.packet, frame } }
  return arriveAt(walk, place, way, framed, nextHop)
}

function groupFrame(link: Link, route: RouteAnswer, transit: Transit): Transit | undefined {
  const { packet } = transit
  const multicast = isMulticastAddress(packet.destination)
  if (!multicast && route.kind !== 'broadcast') return undefined
  const destination = multicast ? groupMac(packet.destination) : 'ff:ff:ff:ff:ff:ff'
  return { ...transit, packet: { ...packet, frame: { source: macOf(link), destination } } }
}

function arriveAt(walk: Walk, place: Place, way: WayOut, transit: Transit, nextHop: string): PacketEnding {
  const plain = hasNeighbours(way.link) ? transit : { ...transit, packet: { ...transit.packet, frame: undefined } }
  const endings = walk.steps.transmit(walk, place, way.link, plain)
  const landing = chooseLanding(endings, nextHop)
  if (landing === undefined) return withoutLanding(walk, place, way, plain, nextHop, endings)
  const how = { tunnelled: way.tunnelled, preroutingDone: landing.preroutingDone === true }
  const ending = walk.steps.receive(walk, landing.place, landing.link, landing.transit, how)
  return explainWrongPlace(walk, { place, link: way.link, nextHop, landing, endings }, ending)
}

function chooseLanding(endings: readonly FrameEnding[], nextHop: string): Landing | undefined {
  const landings = endings.filter((ending) => ending.kind === 'landed')
  return landings.find(({ place }) => hasAddress(place, nextHop)) ?? landings[0]
}

function withoutLanding(
  walk: Walk,
  place: Place,
  way: WayOut,
  transit: Transit,
  nextHop: string,
  endings: readonly FrameEnding[],
): PacketEnding {
  const cause = explainMissed(walk, {
    place,
    link: way.link,
    target: nextHop,
    gateway: way.route.gateway !== undefined,
    endings,
    mac: transit.packet.frame?.destination,
  })
  if (cause.kind === 'left') return { ...cause.left, nextHop }
  const trail = endings.find((ending) => ending.kind === 'stopped' && ending.stop === cause.stop)
  return trail?.kind === 'stopped' ? trail : stopped(walk, cause.stop, transit)
}

function mtuOfWay({ link, route }: WayOut): number {
  return Math.min(route.mtu ?? mtuOf(link), mtuOf(link))
}

/** What is made here and too long is cut in pieces; the longest of them is followed. */
function fragmented(walk: Walk, place: Place, way: WayOut, transit: Transit): Transit {
  const mtu = mtuOfWay(way)
  if (transit.packet.length <= mtu || way.route.kind === 'local') return transit
  const packet = { ...transit.packet, length: mtu, dontFragment: false }
  const detail = `cut into pieces of at most ${mtu} bytes`
  return hop(walk, place, way.link, transit, { action: 'route', detail, packet })
}

/** Too long for the way out: packets made here are fragmented, forwarded ones that may not be are refused. */
function mtuStop(walk: Walk, place: Place, way: WayOut, transit: Transit): PacketEnding | undefined {
  const { link, route, local, tunnelled } = way
  const { packet } = transit
  const mtu = mtuOfWay(way)
  if (packet.length <= mtu || route.kind === 'local' || (local && !tunnelled)) return undefined
  if (!packet.dontFragment && (packet.family === 'ipv4' || local)) return undefined
  const summary = `${nameOf(link)} in ${place.label} takes ${mtu} bytes, but the packet has ${packet.length} and may not be fragmented.`
  const evidence = [
    { fact: `${nameOf(link)} in ${place.label} has MTU ${mtu}`, source: 'rtnetlink' },
    { fact: `the packet has ${packet.length} bytes and says "don't fragment"`, source: 'prediction' },
  ]
  const fix = local ? null : fixMtu(place, walk.scene.home, nameOf(link), packet.length)
  return stopped(walk, { code: 'mtu-mismatch', place, link, summary, evidence, fix, refused: false }, transit)
}
