/** What a route that leads nowhere means, and which one would help. */
import type { Link } from '../../../kernel/index.ts'
import { RouteTable, tableOf } from '../../../kernel/index.ts'
import { fixLinkDown } from '../../remedy/link-fix.ts'
import { fixPolicyRule, fixRouteForbids, fixRouteMissing } from '../../remedy/route-fix.ts'
import type { Place, RouteAnswer } from '../../scene/place.ts'
import { addressesOf, addressTowards, familyOfAddress, inSamePrefix } from '../addresses.ts'
import { isUp, kindOf, nameOf } from '../links.ts'
import type { Packet } from '../packet.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'
import { othersOnWire } from '../wire.ts'
import { leadsTo, likelyRoute } from './likely-route.ts'

const THROW = 9

/** Why a look-up forbids the packet; undefined when it leads somewhere. */
export function routeStop(walk: Walk, place: Place, packet: Packet, route: RouteAnswer): Stop | undefined {
  if (route.kind === 'none') return noRoute(walk, place, packet)
  if (route.kind !== 'blackhole' && route.kind !== 'unreachable' && route.kind !== 'prohibit') return undefined
  const summary = `A ${route.kind} route in ${place.label} forbids packets to ${packet.destination}.`
  return {
    code: 'route-blackhole',
    place,
    summary,
    evidence: [{ fact: `${place.label}: ${route.text}`, source: 'rtnetlink' }],
    fix: forbiddenFix(walk, place, route, packet.family),
    refused: route.kind !== 'blackhole',
  }
}

function forbiddenFix(
  walk: Walk,
  place: Place,
  { route, text, kind }: RouteAnswer,
  family: Packet['family'],
): Stop['fix'] {
  const rule = /^(\d+):/.exec(text)
  if (rule !== null) return fixPolicyRule(place, walk.scene.home, Number(rule[1]), text.includes('::'))
  if (route === undefined) return null
  // The kernel keeps table main within table local as long as nobody adds rules, and then says local of both.
  const written = place
    .routes(family)
    .find(
      (other) =>
        other.type === route.type &&
        other.destination === route.destination &&
        other.destinationLength === route.destinationLength,
    )
  const table = written === undefined ? undefined : tableOf(written)
  const prefix = route.destination === undefined ? 'default' : `${route.destination}/${route.destinationLength}`
  return fixRouteForbids(place, walk.scene.home, kind, {
    prefix,
    ...(table === undefined || table === RouteTable.main ? {} : { table }),
  })
}

function noRoute(walk: Walk, place: Place, packet: Packet): Stop {
  const { destination, family } = packet
  const reply = walk.direction === 'reply'
  const halted = downLinkTowards(walk, place, destination)
  if (halted !== undefined) {
    const evidence = [{ fact: `${nameOf(halted)} in ${place.label} is administratively down`, source: 'rtnetlink' }]
    const summary = `The interface ${nameOf(halted)} in ${place.label} is down, and with it the way to ${destination}.`
    const fix = fixLinkDown(place, walk.scene.home, nameOf(halted))
    return { code: 'interface-down', place, link: halted, summary, evidence, fix }
  }
  if (place.links.every((link) => kindOf(link) === 'loopback')) return noLinks(place)
  const thrown = thrownBack(walk, place, packet)
  if (thrown !== undefined) return thrown
  const bare = walk.direction === 'request' ? bareLink(place, family) : undefined
  if (bare !== undefined) return noAddress(place, bare, destination)
  const route = likelyRoute(walk, place, packet)
  const summary = `${place.label} has no route to ${destination}${reply ? ', so answers cannot go back' : ''}.`
  const routes = place.routes(family).filter((route) => (route.tableId ?? route.table) === 254).length
  return {
    code: reply ? 'return-route-missing' : 'route-missing',
    place,
    summary,
    evidence: [
      { fact: `no route to ${destination} among the ${routes} of table main in ${place.label}`, source: 'rtnetlink' },
    ],
    fix: route === undefined ? null : fixRouteMissing(place, walk.scene.home, route),
  }
}

/** A route of type throw ends the look-up in its table; where no later rule knows better, it forbids (ip-route(8)). */
function thrownBack(walk: Walk, place: Place, { destination, family }: Packet): Stop | undefined {
  const route = place
    .routes(family)
    .find(
      (one) => one.type === THROW && inSamePrefix(one.destination ?? destination, destination, one.destinationLength),
    )
  if (route === undefined) return undefined
  const prefix = route.destination === undefined ? 'default' : `${route.destination}/${route.destinationLength}`
  const table = tableOf(route)
  return {
    code: 'route-blackhole',
    place,
    summary: `A throw route in ${place.label} keeps packets to ${destination} from the other routes of its table, and no other table leads there.`,
    evidence: [{ fact: `${place.label}: throw ${prefix}`, source: 'rtnetlink' }],
    fix: fixRouteForbids(place, walk.scene.home, 'throw', { prefix, ...(table === RouteTable.main ? {} : { table }) }),
  }
}

function noLinks(place: Place): Stop {
  const summary = `${place.label} has no interface beside its loopback: its link is gone.`
  const evidence = [{ fact: `${place.label} has no interface but the loopback`, source: 'rtnetlink' }]
  return { code: 'link-peer-missing', place, summary, evidence, fix: null }
}

/** An interface that is up, in a namespace that has no address of the family at all. */
function bareLink(place: Place, family: Packet['family']): Link | undefined {
  const links = place.links.filter((link) => kindOf(link) !== 'loopback' && isUp(link))
  const scoped = links.some((link) => addressesOf(place, link.index, family).some((entry) => entry.scope === 0))
  return scoped ? undefined : links[0]
}

function noAddress(place: Place, link: Link, destination: string): Stop {
  const summary = `${nameOf(link)} in ${place.label} has no ${destination.includes(':') ? 'IPv6' : 'IPv4'} address, and so no way to ${destination}.`
  const evidence = [{ fact: `${nameOf(link)} in ${place.label} is up and has no address`, source: 'rtnetlink' }]
  return { code: 'address-missing', place, link, summary, evidence, fix: null }
}

/**
 * Routes go when their interface goes down, and IPv6 addresses with them (addrconf_ifdown): one that is down and has an address
 * nearby, or somebody behind it who is the destination or knows the way, or the only one there is.
 */
function downLinkTowards(walk: Walk, place: Place, destination: string): Link | undefined {
  const down = place.links.filter((link) => !isUp(link) && kindOf(link) !== 'loopback')
  const near = down.find((link) => addressTowards(place, link.index, destination) !== undefined)
  if (near !== undefined) return near
  const family = familyOfAddress(destination)
  const leading = down.find(
    (link) =>
      (family === 'ipv6' || addressesOf(place, link.index, family).length > 0) &&
      othersOnWire(walk.scene, place, link).some((other) => leadsTo(place, other.place, destination, other.link)),
  )
  if (leading !== undefined) return leading
  const real = place.links.filter((link) => kindOf(link) !== 'loopback' && !/tunl|sit|gre|ip6tnl/.test(nameOf(link)))
  return real.length > 0 && real.every((link) => !isUp(link)) ? down[0] : undefined
}
