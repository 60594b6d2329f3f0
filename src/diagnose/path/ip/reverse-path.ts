/** Whether a source address may come in where it does (fib_validate_source, net/ipv4/fib_frontend.c). IPv6 has no such check. */
import type { Link } from '../../../kernel/index.ts'
import { fixRouteMissing } from '../../remedy/route-fix.ts'
import { fixSettings, settingOf } from '../../remedy/setting-fix.ts'
import type { Place } from '../../scene/place.ts'
import { hasAddress, isLoopbackAddress, isMulticastAddress, isUnspecified } from '../addresses.ts'
import { kindOf, nameOf } from '../links.ts'
import type { Packet } from '../packet.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { likelyRoute } from './likely-route.ts'

/** The larger of the setting of all interfaces and of this one, as the kernel takes it. */
export function highestSetting(place: Place, link: Link, setting: string): number {
  const all = Number(place.settings.ofInterface('ipv4', 'all', setting) ?? 0)
  return Math.max(all, Number(place.settings.ofInterface('ipv4', nameOf(link), setting) ?? 0))
}

/** Why the source may not come in here; undefined when it may. */
export function sourceStop(walk: Walk, place: Place, link: Link, packet: Packet): Stop | undefined {
  if (packet.family === 'ipv6' || kindOf(link) === 'loopback' || isUnspecified(packet.source)) return undefined
  const { source } = packet
  if (isMulticastAddress(source) || source === '255.255.255.255')
    return martian(walk, place, link, packet, 'is a group')
  if (isLoopbackAddress(source) && highestSetting(place, link, 'route_localnet') === 0) {
    return martian(walk, place, link, packet, 'is a loopback address')
  }
  const filter = highestSetting(place, link, 'rp_filter')
  if (hasAddress(place, source)) return localSource(walk, place, link, packet, filter)
  return filter === 0 ? undefined : reversePathStop(walk, place, link, packet, filter)
}

function localSource(walk: Walk, place: Place, link: Link, packet: Packet, filter: number): Stop | undefined {
  if (acceptsLocal(place, link)) return filter === 1 ? reversePathStop(walk, place, link, packet, filter) : undefined
  return martian(walk, place, link, packet, `is an address of ${place.label} itself`)
}

/** IN_DEV_ACCEPT_LOCAL: either of both settings. */
function acceptsLocal(place: Place, link: Link): boolean {
  return highestSetting(place, link, 'accept_local') !== 0
}

function martian(walk: Walk, place: Place, link: Link, packet: Packet, why: string): Stop {
  void walk
  const summary = `${place.label} drops the packet that comes in by ${nameOf(link)}: its source ${packet.source} ${why}.`
  const evidence = [
    { fact: `${packet.source} comes in by ${nameOf(link)} in ${place.label} and ${why}`, source: 'rtnetlink' },
  ]
  return { code: 'reverse-path-filter', place, link, summary, evidence, fix: null }
}

function reversePathStop(walk: Walk, place: Place, link: Link, packet: Packet, filter: number): Stop | undefined {
  const marked = highestSetting(place, link, 'src_valid_mark') !== 0 && packet.mark !== 0
  const back = place.lookUpRoute({
    destination: packet.source,
    source: packet.destination,
    ...(marked ? { mark: packet.mark } : {}),
  })
  const known = back.kind === 'unicast' || back.kind === 'local'
  if (known && usesLink(place, back.output, link)) return undefined
  // Behind an interface without addresses, only whether there is a route at all counts in loose mode (last_resort).
  if (known && filter === 2) return undefined
  if (known && multipathUses(back.route?.nextHops, link)) return undefined
  if (back.kind === 'none') return noWayBack(walk, place, link, packet)
  return wrongWay(walk, place, link, packet, filter, back.text)
}

/** Whatever the filter's mode is, it is the missing route that makes the source unknown; without the filter the answer would die of it. */
function noWayBack(walk: Walk, place: Place, link: Link, { source, destination }: Packet): Stop {
  const route = likelyRoute(walk, place, { source: destination, destination: source })
  const summary = `${place.label} has no route to ${source}, and so its reverse path filter drops what comes from there by ${nameOf(link)}.`
  const evidence = [
    { fact: `no route to ${source} in ${place.label}`, source: 'rtnetlink' },
    {
      fact: `rp_filter of ${nameOf(link)} in ${place.label} is ${highestSetting(place, link, 'rp_filter')}`,
      source: 'procfs',
    },
  ]
  const fix = route === undefined ? null : fixRouteMissing(place, walk.scene.home, route)
  return { code: 'return-route-missing', place, link, summary, evidence, fix }
}

function usesLink(place: Place, output: number, link: Link): boolean {
  if (output === link.index) return true
  const master = place.link(output)
  return master !== undefined && kindOf(master) === 'vrf' && link.master === master.index
}

function multipathUses(hops: readonly { readonly index: number }[] | undefined, link: Link): boolean {
  return hops?.some((hop) => hop.index === link.index) === true
}

function wrongWay(walk: Walk, place: Place, link: Link, packet: Packet, filter: number, back: string): Stop {
  const mode = filter === 1 ? 'strict' : 'loose'
  const summary = `The reverse path filter (${mode}) of ${place.label} drops the packet from ${packet.source}: it came in by ${nameOf(link)}, which is not the way back.`
  const all = Number(place.settings.ofInterface('ipv4', 'all', 'rp_filter') ?? 0)
  const own = Number(place.settings.ofInterface('ipv4', nameOf(link), 'rp_filter') ?? 0)
  const evidence = [
    {
      fact: `rp_filter in ${place.label} is ${all} for all interfaces and ${own} for ${nameOf(link)}`,
      source: 'procfs',
    },
    { fact: `${place.label} would answer ${packet.source} by: ${back}`, source: 'rtnetlink' },
  ]
  return { code: 'reverse-path-filter', place, link, summary, evidence, fix: looser(walk, place, link, filter, all) }
}

/** Loose mode lets in what has any way back; where there is none, only switching it off does. */
function looser(walk: Walk, place: Place, link: Link, filter: number, all: number): Stop['fix'] {
  const value = filter === 1 ? '2' : '0'
  const settings: [string, string][] = [[settingOf('ipv4', nameOf(link), 'rp_filter'), value]]
  if (value === '0' && all !== 0) settings.unshift(['net.ipv4.conf.all.rp_filter', '0'])
  return fixSettings(place, walk.scene.home, settings, false)
}
