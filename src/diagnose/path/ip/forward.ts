/** A router sends a packet on (ip_forward, net/ipv4/ip_forward.c; ip6_forward, net/ipv6/ip6_output.c). */
import type { Link } from '../../../kernel/index.ts'
import type { Place, RouteAnswer } from '../../scene/place.ts'
import { visitHook } from '../hooks.ts'
import { stopped } from '../hops.ts'
import { nameOf } from '../links.ts'
import type { PacketEnding, Transit } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { output } from './output.ts'

/** A packet's way through a router. */
export interface WayThrough {
  readonly input: Link
  readonly output: Link
  readonly route: RouteAnswer
  readonly tunnelled: boolean
}

/** Sends a packet on. */
export function forward(walk: Walk, place: Place, way: WayThrough, transit: Transit): PacketEnding {
  if (transit.packet.ttl <= 1) return looping(walk, place, way, transit)
  const packet = { ...transit.packet, ttl: transit.packet.ttl - 1, frame: undefined }
  walk.passedThrough({ place, input: way.input, output: way.output, packet, route: way.route })
  const ends = { layer: 'ip', hook: 'forward', input: way.input, output: way.output } as const
  const asked = visitHook(walk, place, ends, { ...transit, packet })
  if (asked.kind === 'stopped') return asked
  return output(
    walk,
    place,
    { link: way.output, route: way.route, local: false, tunnelled: way.tunnelled },
    asked.transit,
  )
}

/** Packets live so many hops; those that die of it on one host go in a circle. */
function looping(walk: Walk, place: Place, { output: out, route }: WayThrough, transit: Transit): PacketEnding {
  const summary = `Packets to ${transit.packet.destination} go in a circle through ${place.label}.`
  const evidence = [{ fact: `${place.label}: ${route.text}, out of ${nameOf(out)}`, source: 'rtnetlink' }]
  const code = walk.direction === 'reply' ? 'return-route-missing' : 'route-missing'
  return stopped(walk, { code, place, link: out, summary, evidence, fix: null }, transit)
}
