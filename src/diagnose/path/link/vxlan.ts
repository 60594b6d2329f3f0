/** Ethernet over UDP (drivers/net/vxlan/vxlan_core.c): answers for neighbours, finds the far end, sends through the underlay. */
import type { Link, Neighbour } from '../../../kernel/index.ts'
import { NeighbourState } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { familyOfAddress, isGroupMac, isUnspecified } from '../addresses.ts'
import { hop, stopped } from '../hops.ts'
import { bridgeOf, mtuOf, nameOf, ZERO_MAC } from '../links.ts'
import { answerTo, questionOf } from '../neighbour/question.ts'
import { type Packet, Protocol } from '../packet.ts'
import type { FrameEnding, Stop, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { decapsulate } from './vxlan-receive.ts'

/** States in which the kernel trusts an entry without asking (NUD_CONNECTED). */
const CONNECTED = NeighbourState.permanent | NeighbourState.noArp | NeighbourState.reachable
/** Outer headers: IPv4 or IPv6, UDP, VXLAN, and the inner Ethernet header. */
const OVERHEAD = { ipv4: 20 + 8 + 8 + 14, ipv6: 40 + 8 + 8 + 14 } as const
const DEFAULT_PORT = 8472

/** Where a vxlan sends frames for an address. */
interface Remote {
  readonly vtep: string
  readonly port: number
  readonly vni: number
  /** Index, in the underlay's namespace, of the interface to send through. */
  readonly via: number | undefined
}

/** Sends a frame into a vxlan. */
export function vxlanTransmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const question = questionOf(transit.packet)
  if (link.info?.vxlan?.proxy === 1 && question !== undefined) return proxy(walk, place, link, transit, question.target)
  const mac = transit.packet.frame?.destination ?? ZERO_MAC
  const remotes = remotesFor(walk, place, link, mac)
  if (remotes.length === 0) return [stopped(walk, missing(walk, place, link, mac), transit)]
  return remotes.flatMap((remote) => encapsulate(walk, place, link, transit, remote))
}

/** It answers itself, from its own neighbour table; what it does not know it drops (arp_reduce, neigh_reduce). */
function proxy(walk: Walk, place: Place, link: Link, transit: Transit, target: string): FrameEnding[] {
  const known = place.neighbours.find(
    (entry) => entry.index === link.index && entry.destination === target && (entry.state & CONNECTED) !== 0,
  )
  if (known?.lladdr === undefined) return [stopped(walk, unknownNeighbour(place, link, target), transit)]
  const detail = `${nameOf(link)} answers for ${target}: ${known.lladdr}`
  const reply = hop(walk, place, link, transit, {
    action: 'bridge',
    detail,
    packet: answerTo(transit.packet, known.lladdr),
  })
  return walk.steps.arrive(walk, place, link, reply)
}

function unknownNeighbour(place: Place, link: Link, target: string): Stop {
  const summary = `${nameOf(link)} in ${place.label} has no neighbour entry for ${target} to answer from.`
  const evidence = [
    {
      fact: `${nameOf(link)} in ${place.label} is a vxlan that answers for its neighbours (proxy)`,
      source: 'rtnetlink',
    },
    { fact: `no neighbour entry for ${target} on ${nameOf(link)} in ${place.label}`, source: 'rtnetlink' },
  ]
  return { code: 'neighbour-missing', place, link, towards: link, summary, evidence, fix: null }
}

function missing(walk: Walk, place: Place, link: Link, mac: string): Stop {
  void walk
  const what = isGroupMac(mac) ? 'to flood to' : `for ${mac}`
  const summary = `${nameOf(link)} in ${place.label} has no forwarding entry ${what}.`
  const evidence = [{ fact: `no forwarding entry ${what} on ${nameOf(link)} in ${place.label}`, source: 'rtnetlink' }]
  return { code: 'fdb-missing', place, link, towards: link, summary, evidence, fix: null }
}

/** Far ends for an address: its own entry, or else the one for all zeros. */
function remotesFor(walk: Walk, place: Place, link: Link, mac: string): Remote[] {
  const entries = entriesOf(place, link)
  const own = isGroupMac(mac) ? [] : entries.filter((entry) => entry.lladdr === mac)
  if (own.length > 0) return own.flatMap((entry) => remotesOf(place, link, entry))
  const learned = walk.learnedPort(`${place.inode}/${link.index}`, 0, mac)
  if (learned !== undefined) return [{ ...defaults(link), vtep: learned }]
  return entries.filter((entry) => entry.lladdr === ZERO_MAC).flatMap((entry) => remotesOf(place, link, entry))
}

/** The vxlan's own forwarding entries; those of its bridge are told apart by their master. */
export function entriesOf(place: Place, link: Link): Neighbour[] {
  return place.forwarding.filter(
    (entry) =>
      entry.index === link.index &&
      entry.master === undefined &&
      (entry.destination !== undefined || entry.nexthopId !== undefined),
  )
}

function defaults(link: Link): Omit<Remote, 'vtep'> {
  const { id = 0, port = DEFAULT_PORT, link: via } = link.info?.vxlan ?? {}
  return { port, vni: id, via: via === 0 ? undefined : via }
}

function remotesOf(place: Place, link: Link, entry: Neighbour): Remote[] {
  const usual = defaults(link)
  const how = { port: entry.port ?? usual.port, vni: entry.vni ?? usual.vni, via: entry.via ?? usual.via }
  if (entry.nexthopId === undefined) return entry.destination === undefined ? [] : [{ ...how, vtep: entry.destination }]
  const [vtep] = gatewaysOf(place, entry.nexthopId)
  return vtep === undefined ? [] : [{ ...how, vtep }]
}

function gatewaysOf(place: Place, id: number): string[] {
  const nexthop = place.nexthops.find((candidate) => candidate.id === id)
  if (nexthop?.gateway !== undefined) return [nexthop.gateway]
  return (nexthop?.group ?? []).flatMap((member) => gatewaysOf(place, member.id))
}

function encapsulate(walk: Walk, place: Place, link: Link, transit: Transit, remote: Remote): FrameEnding[] {
  const underlay = walk.scene.underlay(place.inode, link.index)
  const detail = `vxlan ${remote.vni} to ${remote.vtep} port ${remote.port}`
  const sent = hop(walk, place, link, transit, { action: 'encapsulate', passes: 'out', detail })
  if (underlay === undefined) return [{ kind: 'left', place, link, nextHop: remote.vtep, transit: sent }]
  const outer = outerPacket(link, transit.packet, remote)
  const how = { tunnelled: true, ...(remote.via === undefined ? {} : { outputInterface: remote.via }) }
  const ending = walk.steps.send(walk, underlay, { packet: outer, hops: sent.hops }, how)
  if (ending.kind === 'left') return [{ ...ending, transit: { ...ending.transit, packet: transit.packet } }]
  if (ending.kind === 'stopped') {
    return [
      {
        kind: 'stopped',
        stop: outerStop(walk, place, link, ending.stop, outer),
        transit: { ...ending.transit, packet: transit.packet },
      },
    ]
  }
  const inner = { ...transit.packet, mark: 0 }
  return decapsulate(
    walk,
    ending.place,
    { packet: inner, hops: ending.transit.hops },
    {
      vtep: ending.transit.packet.destination,
      from: ending.transit.packet.source,
      port: remote.port,
      vni: remote.vni,
      sender: place,
      senderLink: link,
    },
  )
}

function outerPacket(link: Link, inner: Packet, remote: Remote): Packet {
  const family = familyOfAddress(remote.vtep)
  const local = family === 'ipv4' ? link.info?.vxlan?.local : link.info?.vxlan?.local6
  return {
    family,
    source: isUnspecified(local) ? (family === 'ipv4' ? '0.0.0.0' : '::') : (local ?? ''),
    destination: remote.vtep,
    protocol: Protocol.udp,
    // The kernel hashes the inner flow into a port of its range; rules that look at it are rare.
    sourcePort: 49152,
    destinationPort: remote.port,
    ttl: 64,
    length: inner.length + OVERHEAD[family],
    dontFragment: link.info?.vxlan?.df === 'set' || (inner.dontFragment && bridgeOf(link) !== undefined),
    mark: 0,
    frame: undefined,
  }
}

/** The underlay stopped it: an MTU that is too small out there is one that is too big in here. */
function outerStop(walk: Walk, place: Place, link: Link, stop: Stop, outer: Packet): Stop {
  void walk
  if (stop.code !== 'mtu-mismatch') return stop
  const fact = `${nameOf(link)} in ${place.label} has MTU ${mtuOf(link)}; its packets leave ${OVERHEAD[outer.family]} bytes longer`
  return { ...stop, evidence: [...stop.evidence, { fact, source: 'rtnetlink' }] }
}
