/** A packet made in a namespace goes out (ip_queue_xmit, ip_local_out, ip_output; net/ipv4/ip_output.c, net/ipv6/ip6_output.c). */
import type { Link } from '../../../kernel/index.ts'
import type { Place, RouteAnswer } from '../../scene/place.ts'
import { isUnspecified } from '../addresses.ts'
import { describe, visitHook } from '../hooks.ts'
import { hop, stopped } from '../hops.ts'
import { kindOf, nameOf } from '../links.ts'
import type { Packet } from '../packet.ts'
import type { PacketEnding, Stop, Transit } from '../transit.ts'
import type { SendOptions, Walk } from '../walk.ts'
import { output } from './output.ts'
import { routeStop } from './routes.ts'

/** Sends a packet. */
export function send(walk: Walk, place: Place, transit: Transit, how: SendOptions = {}): PacketEnding {
  const route = lookUp(place, transit.packet, how.outputInterface)
  const refused = routeStop(walk, place, transit.packet, route)
  if (refused !== undefined) return stopped(walk, refused, transit)
  const packet = withSource(transit.packet, route)
  const link = place.link(route.output)
  if (link === undefined) return leadsNowhere(walk, place, transit, route)
  const nameless = sourceStop(place, link, packet)
  if (nameless !== undefined) return stopped(walk, nameless, transit)
  const routed = hop(walk, place, link, transit, {
    action: 'send',
    detail: `${describe(packet)}: ${route.text}`,
    packet,
  })
  const asked = visitHook(walk, place, { layer: 'ip', hook: 'output', output: link }, routed)
  if (asked.kind === 'stopped') return asked
  return rerouted(walk, place, link, routed.packet, asked.transit, route, how)
}

/** Rules that changed the mark or the destination have the packet routed anew (ip_route_me_harder). */
function rerouted(
  walk: Walk,
  place: Place,
  link: Link,
  before: Packet,
  transit: Transit,
  route: RouteAnswer,
  how: SendOptions,
): PacketEnding {
  const { packet } = transit
  const changed = packet.destination !== before.destination || packet.mark !== before.mark
  if (!changed) return output(walk, place, { link, route, local: true, tunnelled: how.tunnelled === true }, transit)
  const anew = lookUp(place, packet, how.outputInterface)
  const refused = routeStop(walk, place, packet, anew)
  if (refused !== undefined) return stopped(walk, refused, transit)
  const other = place.link(anew.output)
  if (other === undefined) return leadsNowhere(walk, place, transit, anew)
  const again = hop(walk, place, other, transit, { action: 'route', detail: anew.text })
  return output(walk, place, { link: other, route: anew, local: true, tunnelled: how.tunnelled === true }, again)
}

function lookUp(place: Place, packet: Packet, outputInterface: number | undefined): RouteAnswer {
  return place.lookUpRoute({
    destination: packet.destination,
    ...(isUnspecified(packet.source) ? {} : { source: packet.source }),
    ...(outputInterface === undefined ? {} : { outputInterface }),
    ...(packet.mark === 0 ? {} : { mark: packet.mark }),
    protocol: packet.protocol,
    sourcePort: packet.sourcePort,
    destinationPort: packet.destinationPort,
  })
}

function withSource(packet: Packet, route: RouteAnswer): Packet {
  if (!isUnspecified(packet.source)) return packet
  const own = route.kind === 'local' ? (route.source ?? packet.destination) : route.source
  return own === undefined ? packet : { ...packet, source: own }
}

/** Where no interface has an address to send from, the kernel takes the unspecified one, or ::1: nobody can answer those. */
function sourceStop(place: Place, link: Link, { family, source }: Packet): Stop | undefined {
  if (kindOf(link) === 'loopback' || (!isUnspecified(source) && source !== '::1')) return undefined
  const summary = `${place.label} has no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address to send from on ${nameOf(link)}.`
  const evidence = [{ fact: `${nameOf(link)} in ${place.label} has no address`, source: 'rtnetlink' }]
  return { code: 'address-missing', place, link, summary, evidence, fix: null }
}

function leadsNowhere(walk: Walk, place: Place, transit: Transit, route: RouteAnswer): PacketEnding {
  const summary = `The route ${route.text} in ${place.label} leads out of an interface that is not there.`
  const evidence = [{ fact: `${place.label}: ${route.text}`, source: 'rtnetlink' }]
  return stopped(walk, { code: 'route-missing', place, summary, evidence, fix: null }, transit)
}
