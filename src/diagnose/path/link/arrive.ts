/** A frame comes in by an interface (__netif_receive_skb_core, net/core/dev.c): vlans, then whoever holds the interface, then IP. */
import type { Graph } from '../../../host/index.ts'
import type { Link } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { placeIfThere } from '../../scene/place-if-there.ts'
import { isGroupMac } from '../addresses.ts'
import { bridgeReceive } from '../bridge/bridge-receive.ts'
import { visitHook } from '../hooks.ts'
import { hop, stopped } from '../hops.ts'
import { bridgeOf, isUp, kindOf, macOf, nameOf } from '../links.ts'
import type { FrameEnding, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { ipvlanArrive } from './ipvlan.ts'
import { macvlanArrive } from './macvlan.ts'
import { downStop } from './transmit-stops.ts'

/** A frame comes in by an interface. */
export function arrive(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  if (!walk.step()) return []
  if (!isUp(link)) return [stopped(walk, downStop(walk, place, link), transit)]
  const asked = visitHook(walk, place, { layer: 'netdev', hook: 'ingress', input: link }, transit)
  if (asked.kind === 'stopped') return [asked]
  const { frame } = asked.transit.packet
  if (frame?.vlan !== undefined) {
    const tagged = vlanArrive(walk, place, link, asked.transit, frame.vlan)
    if (tagged !== undefined) return tagged
  }
  return handOver(walk, place, link, asked.transit)
}

function handOver(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const bridge = bridgeOf(link)
  if (bridge !== undefined) return bridgeReceive(walk, place, bridge, link, transit)
  if (link.info?.slaveKind === 'bond' && link.master !== undefined) {
    const bond = place.link(link.master)
    if (bond !== undefined) return arrive(walk, place, bond, transit)
  }
  const above = upperLinks(walk, place, link)
  const macvlans = above.filter(({ upper }) => /^macv/.test(kindOf(upper)))
  if (macvlans.length > 0) return macvlanArrive(walk, place, link, macvlans, transit)
  const ipvlans = above.filter(({ upper }) => /^ipv(lan|tap)/.test(kindOf(upper)))
  if (ipvlans.length > 0) return ipvlanArrive(walk, place, link, ipvlans, transit)
  return land(walk, place, link, transit)
}

function vlanArrive(walk: Walk, place: Place, link: Link, transit: Transit, vlan: number): FrameEnding[] | undefined {
  const found = upperLinks(walk, place, link).find(
    ({ upper }) => kindOf(upper) === 'vlan' && upper.info?.vlan?.id === vlan,
  )
  if (found !== undefined) {
    const { frame } = transit.packet
    const packet = { ...transit.packet, frame: frame && { source: frame.source, destination: frame.destination } }
    const detail = `vlan ${vlan} of ${nameOf(link)} is ${nameOf(found.upper)}`
    const plain = hop(walk, found.place, found.upper, transit, { action: 'cross', passes: 'in', detail, packet })
    return arrive(walk, found.place, found.upper, plain)
  }
  // Vlan 0 marks a priority only; a bridge looks at tags itself.
  if (bridgeOf(link) !== undefined || vlan === 0) return undefined
  const summary = `Nothing on ${nameOf(link)} in ${place.label} takes frames of vlan ${vlan}.`
  const evidence = [
    { fact: `${nameOf(link)} in ${place.label} has no vlan interface with id ${vlan}`, source: 'rtnetlink' },
  ]
  return [stopped(walk, { code: 'bridge-port-blocked', place, link, summary, evidence, fix: null }, transit)]
}

/** An interface that stands on another. */
export interface Upper {
  readonly place: Place
  readonly upper: Link
}

/** Interfaces that stand on this one (vlan, macvlan, ipvlan), in whatever namespace. */
export function upperLinks(walk: Walk, place: Place, link: Link): Upper[] {
  const others = stackedOn(walk.scene.graph).get(`${place.inode}/${link.index}`) ?? []
  return others.flatMap((other) => upperAt(walk, place, link, other))
}

/** A broadcast comes to hundreds of interfaces, and next to none of them has another on it. */
const stackedOfGraphs = new WeakMap<Graph, ReadonlyMap<string, readonly string[]>>()

/** Other ends of links that put one interface on another, by either end. */
function stackedOn(graph: Graph): ReadonlyMap<string, readonly string[]> {
  const known = stackedOfGraphs.get(graph)
  if (known !== undefined) return known
  const found = new Map<string, string[]>()
  const join = (one: string, other: string): void => {
    found.set(one, [...(found.get(one) ?? []), other])
  }
  for (const { kind, from, to } of graph.links) {
    if ((kind !== 'vlan' && kind !== 'macvlan' && kind !== 'ipvlan') || to === null) continue
    join(from, to)
    if (to !== from) join(to, from)
  }
  stackedOfGraphs.set(graph, found)
  return found
}

function upperAt(walk: Walk, place: Place, link: Link, id: string): Upper[] {
  const [inode = '', index = ''] = id.split('/')
  const there = inode === place.inode ? place : placeIfThere(walk.scene, inode)
  const upper = there?.link(Number(index))
  const below = upper === undefined ? undefined : walk.scene.parent(inode, upper.index)
  if (there === undefined || upper === undefined || below?.place.inode !== place.inode || below.index !== link.index)
    return []
  return [{ place: there, upper }]
}

/** Up to the IP layer, which looks away from frames for others (PACKET_OTHERHOST). */
function land(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const { frame } = transit.packet
  // A bridge hands up only what its table calls its own.
  if (
    kindOf(link) !== 'bridge' &&
    frame !== undefined &&
    !isGroupMac(frame.destination) &&
    frame.destination !== macOf(link)
  ) {
    const summary = `${nameOf(link)} in ${place.label} looks away from the frame for ${frame.destination}: it is ${macOf(link)}.`
    const evidence = [{ fact: `${nameOf(link)} in ${place.label} has ${macOf(link)}`, source: 'rtnetlink' }]
    const stop = { code: 'neighbour-wrong', place, link, summary, evidence, fix: null, notForIt: true } as const
    return [stopped(walk, stop, transit)]
  }
  return [{ kind: 'landed', place, link, transit }]
}
