/** A packet is for this namespace (ip_local_deliver): input rules, then whoever takes it. */
import type { Link } from '../../../kernel/index.ts'
import { fixSettings } from '../../remedy/setting-fix.ts'
import type { Place } from '../../scene/place.ts'
import { describe, visitHook } from '../hooks.ts'
import { hop, stopped } from '../hops.ts'
import { type Packet, Protocol } from '../packet.ts'
import type { PacketEnding, Stop, Transit } from '../transit.ts'
import type { ReceiveOptions, Walk } from '../walk.ts'
import { listenerStop } from './listener.ts'

/** Delivers a packet. */
export function deliver(walk: Walk, place: Place, link: Link, transit: Transit, how: ReceiveOptions): PacketEnding {
  const asked = visitHook(walk, place, { layer: 'ip', hook: 'input', input: link }, transit)
  if (asked.kind === 'stopped') return asked
  const refused = how.tunnelled === true ? undefined : takerStop(walk, place, link, asked.transit)
  if (refused !== undefined) return stopped(walk, refused, asked.transit)
  const detail = `${describe(asked.transit.packet)} is for ${place.label}`
  return {
    kind: 'delivered',
    place,
    link,
    transit: hop(walk, place, link, asked.transit, { action: 'deliver', detail }),
  }
}

function takerStop(walk: Walk, place: Place, link: Link, { packet, tracked }: Transit): Stop | undefined {
  // Answers belong to the socket that asked.
  if (walk.direction === 'reply' || packet.discovery !== undefined) return undefined
  if (packet.icmp !== undefined) return echoStop(walk, place, link, packet)
  return tracked?.reply === true ? undefined : listenerStop(place, link, packet)
}

/** Who is told not to answer echo requests does not (icmp_echo, net/ipv4/icmp.c). */
function echoStop(walk: Walk, place: Place, link: Link, packet: Packet): Stop | undefined {
  const key = packet.protocol === Protocol.icmp ? 'net.ipv4.icmp_echo_ignore_all' : 'net.ipv6.icmp.echo_ignore_all'
  if (place.settings.get(key) !== '1') return undefined
  const summary = `${place.label} is told to ignore pings.`
  const evidence = [{ fact: `${key} is 1 in ${place.label}`, source: 'procfs' }]
  const fix = fixSettings(place, walk.scene.home, [[key, '0']], false)
  return { code: 'filtered', place, link, summary, evidence, fix }
}
