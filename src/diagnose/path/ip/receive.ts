/** A packet came up to the IP layer of an interface (ip_rcv, net/ipv4/ip_input.c; ipv6_rcv, net/ipv6/ip6_input.c). */
import type { Link } from '../../../kernel/index.ts'
import { fixSettings } from '../../remedy/setting-fix.ts'
import type { Place, RouteAnswer } from '../../scene/place.ts'
import { hasAddress, isLoopbackAddress, isMulticastAddress } from '../addresses.ts'
import { visitHook } from '../hooks.ts'
import { hop, stopped } from '../hops.ts'
import { kindOf, nameOf } from '../links.ts'
import type { Packet } from '../packet.ts'
import type { PacketEnding, Stop, Transit } from '../transit.ts'
import type { ReceiveOptions, Walk } from '../walk.ts'
import { conntrackStop } from './conntrack-full.ts'
import { deliver } from './deliver.ts'
import { forward } from './forward.ts'
import { highestSetting, sourceStop } from './reverse-path.ts'
import { routeStop } from './routes.ts'

/** Takes a packet that came in by an interface. */
export function receive(
  walk: Walk,
  place: Place,
  link: Link,
  transit: Transit,
  how: ReceiveOptions = {},
): PacketEnding {
  const full = conntrackStop(walk, place, link, transit)
  if (full !== undefined) return stopped(walk, full, transit)
  const asked =
    how.preroutingDone === true
      ? ({ kind: 'passed', transit } as const)
      : visitHook(walk, place, { layer: 'ip', hook: 'prerouting', input: link }, transit)
  if (asked.kind === 'stopped') return asked
  const looped = kindOf(link) === 'loopback'
  const refused = looped
    ? undefined
    : (destinationStop(place, link, asked.transit.packet) ?? sourceStop(walk, place, link, asked.transit.packet))
  if (refused !== undefined) return stopped(walk, refused, asked.transit)
  return route(walk, place, link, asked.transit, how)
}

/** Loopback addresses do not come from outside, unless somebody allows it (martian destination). */
function destinationStop(place: Place, link: Link, packet: Packet): Stop | undefined {
  // RFC 4291, 2.5.3: it must not be the source of what comes from outside (ipv6_rcv).
  if (packet.source === '::1') return loopbackStop(place, link, packet.source)
  if (!isLoopbackAddress(packet.destination)) return undefined
  if (packet.family === 'ipv4' && highestSetting(place, link, 'route_localnet') !== 0) return undefined
  return loopbackStop(place, link, packet.destination)
}

function loopbackStop(place: Place, link: Link, address: string): Stop {
  const summary = `${place.label} drops the packet with ${address} in it: loopback addresses do not come in by ${nameOf(link)}.`
  const evidence = address.includes(':')
    ? []
    : [{ fact: `route_localnet is off for ${nameOf(link)} in ${place.label}`, source: 'procfs' }]
  return { code: 'reverse-path-filter', place, link, summary, evidence, fix: null }
}

function route(walk: Walk, place: Place, link: Link, transit: Transit, how: ReceiveOptions): PacketEnding {
  const { packet } = transit
  if (isLocal(place, link, packet)) return deliver(walk, place, link, transit, how)
  const answer = inputRoute(place, link, packet)
  if (answer.kind === 'local' || answer.kind === 'broadcast' || isMulticastAddress(packet.destination)) {
    return deliver(walk, place, link, transit, how)
  }
  if (kindOf(link) === 'loopback') return stopped(walk, loopedStop(place, link, packet, answer), transit)
  const off = forwardingStop(walk, place, link, packet)
  if (off !== undefined) return stopped(walk, off, transit)
  const refused = routeStop(walk, place, packet, answer)
  if (refused !== undefined) return stopped(walk, refused, transit)
  const output = place.link(answer.output)
  if (output === undefined) return deliver(walk, place, link, transit, how)
  const routed = hop(walk, place, output, transit, { action: 'route', detail: answer.text })
  return forward(walk, place, { input: link, output, route: answer, tunnelled: how.tunnelled === true }, routed)
}

/** What is sent into the loopback comes back, and goes nowhere when it is for nobody here. */
function loopedStop(place: Place, link: Link, packet: Packet, { text }: RouteAnswer): Stop {
  const summary = `A route in ${place.label} leads packets for ${packet.destination} into ${nameOf(link)}, where nobody has that address.`
  const evidence = [{ fact: `${place.label}: ${text}`, source: 'rtnetlink' }]
  return { code: 'route-blackhole', place, link, summary, evidence, fix: null }
}

/** An address of this namespace, on whatever interface: Linux is a weak host (RFC 1122, 3.3.4.2). VRFs keep to themselves. */
function isLocal(place: Place, link: Link, packet: Packet): boolean {
  const vrf = link.info?.slaveKind === 'vrf' ? link.master : undefined
  if (vrf !== undefined) return false
  return hasAddress(place, packet.destination)
}

function inputRoute(place: Place, link: Link, packet: Packet): RouteAnswer {
  const question = {
    destination: packet.destination,
    source: packet.source,
    ...(packet.mark === 0 ? {} : { mark: packet.mark }),
    protocol: packet.protocol,
    sourcePort: packet.sourcePort,
    destinationPort: packet.destinationPort,
  }
  return place.lookUpRoute({ ...question, inputInterface: link.index })
}

/** Forwarding is off: IPv4 asks the interface that it came in by, IPv6 the namespace (ip6_forward). */
function forwardingStop(walk: Walk, place: Place, link: Link, packet: Packet): Stop | undefined {
  const v4 = packet.family === 'ipv4'
  const own = place.settings.ofInterface(packet.family, v4 ? nameOf(link) : 'all', 'forwarding')
  const forced = v4 ? undefined : place.settings.ofInterface('ipv6', nameOf(link), 'force_forwarding')
  if (own !== '0' || forced === '1') return undefined
  const everywhere = v4 ? place.settings.get('net.ipv4.ip_forward') : own
  const key = !v4
    ? 'net.ipv6.conf.all.forwarding'
    : everywhere === '1'
      ? `net.ipv4.conf.${slashed(nameOf(link))}.forwarding`
      : 'net.ipv4.ip_forward'
  const reply = walk.direction === 'reply' ? 'answers' : 'packets'
  const summary = `${place.label} does not forward: it drops ${reply} for ${packet.destination} that come in by ${nameOf(link)}.`
  const evidence = [{ fact: `${key} is 0 in ${place.label}`, source: 'procfs' }]
  return {
    code: 'forwarding-disabled',
    place,
    link,
    summary,
    evidence,
    fix: fixSettings(place, walk.scene.home, [[key, '1']]),
  }
}

function slashed(name: string): string {
  return name.replaceAll('.', '/')
}
