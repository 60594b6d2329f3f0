/** Handing a frame to an interface, by its kind (dev_queue_xmit, and each driver's ndo_start_xmit). */
import type { Link } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { bridgeTransmit } from '../bridge/bridge-transmit.ts'
import { visitHook } from '../hooks.ts'
import { hop, stopped } from '../hops.ts'
import { hasCarrier, isUp, kindOf, nameOf } from '../links.ts'
import type { FrameEnding, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { ipvlanTransmit } from './ipvlan.ts'
import { macvlanTransmit } from './macvlan.ts'
import { downStop } from './transmit-stops.ts'
import { tunnelTransmit } from './tunnel.ts'
import { vethTransmit } from './veth.ts'
import { vxlanTransmit } from './vxlan.ts'

type Driver = (walk: Walk, place: Place, link: Link, transit: Transit) => FrameEnding[]

const drivers: Readonly<Record<string, Driver>> = {
  loopback: (walk, place, link, transit) => walk.steps.arrive(walk, place, link, transit),
  veth: vethTransmit,
  netkit: vethTransmit,
  bridge: bridgeTransmit,
  vxlan: vxlanTransmit,
  vlan: vlanTransmit,
  bond: bondTransmit,
  macvlan: macvlanTransmit,
  macvtap: macvlanTransmit,
  ipvlan: ipvlanTransmit,
  ipvtap: ipvlanTransmit,
  vrf: (walk, place, link, transit) => walk.steps.arrive(walk, place, link, transit),
  tun: tunTransmit,
  dummy: dummyTransmit,
  ipip: tunnelTransmit,
  sit: tunnelTransmit,
  gre: tunnelTransmit,
  gretap: tunnelTransmit,
  ip6tnl: tunnelTransmit,
  ip6gre: tunnelTransmit,
  ip6gretap: tunnelTransmit,
  geneve: tunnelTransmit,
}

/** Hands a frame to an interface. */
export function transmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  if (!walk.step()) return [tooLong(walk, place, link, transit)]
  const halted = linkDown(walk, place, link, transit)
  if (halted !== undefined) return [halted]
  const asked = visitHook(walk, place, { layer: 'netdev', hook: 'egress', output: link }, transit)
  if (asked.kind === 'stopped') return [asked]
  return (drivers[kindOf(link)] ?? leave)(walk, place, link, asked.transit)
}

function tooLong(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding {
  const summary = `Frames go round in a loop at ${nameOf(link)} in ${place.label}.`
  const stop = { code: 'bridge-port-blocked', place, link, summary, evidence: [], fix: null } as const
  return stopped(walk, stop, transit)
}

/** What is down takes nothing; without a carrier the queue is the one that drops everything (net/sched/sch_generic.c). */
function linkDown(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding | undefined {
  if (!isUp(link)) return stopped(walk, downStop(walk, place, link), transit)
  if (hasCarrier(link) || kindOf(link) === 'veth' || kindOf(link) === 'tun') return undefined
  const lower = walk.scene.parent(place.inode, link.index)
  const below = lower?.place.link(lower.index)
  if (lower !== undefined && below !== undefined && !isUp(below)) {
    return stopped(walk, downStop(walk, lower.place, below), transit)
  }
  const ports = kindOf(link) === 'bridge' ? place.links.filter((port) => port.master === link.index) : []
  const downPort = ports.length === 1 ? ports.find((port) => !isUp(port)) : undefined
  if (downPort !== undefined) return stopped(walk, downStop(walk, place, downPort), transit)
  const summary = `${nameOf(link)} in ${place.label} has no carrier.`
  const evidence = [{ fact: `${nameOf(link)} in ${place.label} is up but NO-CARRIER`, source: 'rtnetlink' }]
  return stopped(walk, { code: 'carrier-down', place, link, summary, evidence, fix: null }, transit)
}

function vlanTransmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const lower = walk.scene.parent(place.inode, link.index)
  const below = lower?.place.link(lower.index)
  const { frame } = transit.packet
  if (lower === undefined || below === undefined || frame === undefined) return leave(walk, place, link, transit)
  const packet = { ...transit.packet, frame: { ...frame, vlan: link.info?.vlan?.id ?? 0 } }
  const detail = `tagged with vlan ${packet.frame.vlan}, out of ${nameOf(below)}`
  const tagged = hop(walk, place, link, transit, { action: 'send', passes: 'out', detail, packet })
  return transmit(walk, lower.place, below, tagged)
}

function bondTransmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const ports = place.links.filter((port) => port.master === link.index)
  const active = link.info?.bond?.activePort
  const port = ports.find((candidate) => candidate.index === active) ?? ports.find((candidate) => hasCarrier(candidate))
  const out = hop(walk, place, link, transit, { action: 'send', passes: 'out', detail: `bond ${nameOf(link)}` })
  if (port !== undefined) return transmit(walk, place, port, out)
  const summary = `The bond ${nameOf(link)} in ${place.label} has no port that works.`
  return [stopped(walk, { code: 'carrier-down', place, link, summary, evidence: [], fix: null }, out)]
}

function tunTransmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  if (!hasCarrier(link)) {
    const summary = `No process has the other end of ${nameOf(link)} in ${place.label} open.`
    const evidence = [{ fact: `${nameOf(link)} in ${place.label} has no carrier`, source: 'rtnetlink' }]
    return [stopped(walk, { code: 'carrier-down', place, link, summary, evidence, fix: null }, transit)]
  }
  return leave(walk, place, link, transit)
}

function dummyTransmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const summary = `${nameOf(link)} in ${place.label} is a dummy: whatever is sent there vanishes.`
  return [stopped(walk, { code: 'route-blackhole', place, link, summary, evidence: [], fix: null }, transit)]
}

function leave(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[] {
  const detail =
    kindOf(link) === 'tun'
      ? `to the process behind ${nameOf(link)}`
      : `leaves what can be seen from here through ${nameOf(link)}`
  const nextHop = transit.packet.destination
  return [
    {
      kind: 'left',
      place,
      link,
      nextHop,
      transit: hop(walk, place, link, transit, { action: 'send', passes: 'out', detail }),
    },
  ]
}
