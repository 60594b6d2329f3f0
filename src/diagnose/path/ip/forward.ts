/** A router sends a packet on (ip_forward, net/ipv4/ip_forward.c; ip6_forward, net/ipv6/ip6_output.c). */
import type { Link } from '../../../kernel/index.ts'
import type { Place, RouteAnswer } from '../../scene/place.ts'
import { hasAddress } from '../addresses.ts'
import { visitHook } from '../hooks.ts'
import { stopped } from '../hops.ts'
import { downStop } from '../link/transmit-stops.ts'
import { isUp, nameOf } from '../links.ts'
import type { PacketEnding, Stop, Transit } from '../transit.ts'
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

/** One of the routers in the circle has an interface that is down, with somebody behind it who is nearer to the destination. */
function downLinkTowards(walk: Walk, { packet }: Transit): Stop | undefined {
  for (const { place } of walk.passages(walk.direction).slice(0, 16)) {
    for (const link of place.links.filter((candidate) => !isUp(candidate))) {
      const far = walk.scene.farEnd(place.inode, link.index)
      if (far === undefined || far === 'gone') continue
      const knows =
        hasAddress(far.place, packet.destination) ||
        far.place.lookUpRoute({ destination: packet.destination }).kind === 'unicast'
      if (knows) return downStop(walk, place, link)
    }
  }
  return undefined
}

/** Packets live so many hops; those that die of it on one host go in a circle. */
function looping(walk: Walk, place: Place, { output: out, route }: WayThrough, transit: Transit): PacketEnding {
  const down = downLinkTowards(walk, transit)
  if (down !== undefined) return stopped(walk, down, transit)
  const summary = `Packets to ${transit.packet.destination} go in a circle through ${place.label}.`
  const evidence = [{ fact: `${place.label}: ${route.text}, out of ${nameOf(out)}`, source: 'rtnetlink' }]
  const code = walk.direction === 'reply' ? 'return-route-missing' : 'route-missing'
  return stopped(walk, { code, place, link: out, summary, evidence, fix: null }, transit)
}
