/** What a route that leads nowhere means, and which one would help. */
import type { Link } from '../../../kernel/index.ts'
import { formatIPv4, formatIPv6, ownAddress, parseIp, RouteTable, tableOf } from '../../../kernel/index.ts'
import { fixLinkDown } from '../../remedy/link-fix.ts'
import { fixPolicyRule, fixRouteForbids, fixRouteMissing } from '../../remedy/route-fix.ts'
import type { Place, RouteAnswer } from '../../scene/place.ts'
import { addressesOf, familyOfAddress, hasAddress, inSamePrefix, isLinkLocalAddress } from '../addresses.ts'
import { isUp, kindOf, nameOf } from '../links.ts'
import type { Packet } from '../packet.ts'
import type { Stop } from '../transit.ts'
import type { Walk } from '../walk.ts'

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
  const halted = downLinkTowards(place, destination)
  if (halted !== undefined) {
    const evidence = [{ fact: `${nameOf(halted)} in ${place.label} is administratively down`, source: 'rtnetlink' }]
    const summary = `The interface ${nameOf(halted)} in ${place.label} is down, and with it the way to ${destination}.`
    const fix = fixLinkDown(place, walk.scene.home, nameOf(halted))
    return { code: 'interface-down', place, link: halted, summary, evidence, fix }
  }
  if (place.links.every((link) => kindOf(link) === 'loopback')) return noLinks(place)
  const bare = walk.direction === 'request' ? bareLink(place, family) : undefined
  if (bare !== undefined) return noAddress(place, bare, destination)
  const gateway = likelyGateway(walk, place, destination)
  const summary = `${place.label} has no route to ${destination}${reply ? ', so answers cannot go back' : ''}.`
  const routes = place.routes(family).filter((route) => (route.tableId ?? route.table) === 254).length
  return {
    code: reply ? 'return-route-missing' : 'route-missing',
    place,
    summary,
    evidence: [
      { fact: `no route to ${destination} among the ${routes} of table main in ${place.label}`, source: 'rtnetlink' },
    ],
    fix: gateway === undefined ? null : fixRouteMissing(place, walk.scene.home, gateway),
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

/** Routes go when their interface goes down: one that is down and has an address nearby, or the only one there is. */
function downLinkTowards(place: Place, destination: string): Link | undefined {
  const down = place.links.filter((link) => !isUp(link) && kindOf(link) !== 'loopback')
  const near = down.find((link) =>
    place.addresses.some((entry) => {
      const own = ownAddress(entry)
      return entry.index === link.index && own !== undefined && inSamePrefix(own, destination, entry.prefixLength)
    }),
  )
  if (near !== undefined) return near
  const real = place.links.filter((link) => kindOf(link) !== 'loopback' && !/tunl|sit|gre|ip6tnl/.test(nameOf(link)))
  return real.length > 0 && real.every((link) => !isUp(link)) ? down[0] : undefined
}

/**
 * A router on one of the namespace's links that knows the way: the only neighbour that forwards and itself has a route to
 * the destination. Undefined when there is none, or more than one.
 */
function likelyGateway(walk: Walk, place: Place, destination: string) {
  const family = familyOfAddress(destination)
  const links = place.links.filter((link) => isUp(link) && kindOf(link) !== 'loopback')
  const found = links.flatMap((link) => {
    const own = addressesOf(place, link.index, family)
    return routersOn(walk, place, link).flatMap(({ place: router, link: port }) => {
      if (router.inode === place.inode || !leadsTo(place, router, destination, port)) return []
      const address = addressesOf(router, port.index, family)
        .map(ownAddress)
        .find((candidate) =>
          own.some(
            (entry) =>
              !isLinkLocalAddress(candidate ?? '') &&
              inSamePrefix(ownAddress(entry) ?? '', candidate ?? '', entry.prefixLength),
          ),
        )
      return address === undefined ? [] : [{ gateway: address }]
    })
  })
  const unique = [...new Set(found.map(({ gateway }) => gateway))]
  const [gateway] = unique
  if (gateway === undefined || unique.length > 1) return undefined
  return { prefix: prefixFor(walk, place, destination), gateway }
}

function leadsTo(place: Place, router: Place, destination: string, port: Link): boolean {
  if (hasAddress(router, destination)) return true
  const route = router.lookUpRoute({ destination })
  if (route.gateway !== undefined && hasAddress(place, route.gateway)) return false
  return (route.kind === 'unicast' && route.output !== port.index) || route.kind === 'local'
}

/** Leaf namespaces want a default route; routers the subnet of the destination. */
function prefixFor(walk: Walk, place: Place, destination: string): string {
  const links = place.links.filter((link) => kindOf(link) !== 'loopback').length
  const forwards = links > 1 && place.settings.get('net.ipv4.ip_forward') === '1'
  const family = familyOfAddress(destination)
  const defaults = place.routes(family).some((route) => route.destinationLength === 0 && route.type === 1)
  if (!forwards && !defaults) return 'default'
  const length = subnetLengthOf(walk, destination)
  return length === undefined ? destination : `${networkOf(destination, length)}/${length}`
}

/** Prefix length that the destination's own interface has, where one of the graph has the address. */
function subnetLengthOf(walk: Walk, destination: string): number | undefined {
  const place = [walk.flow.to, walk.flow.from].find(
    (candidate) => candidate !== undefined && hasAddress(candidate, destination),
  )
  return place?.addresses.find((entry) => ownAddress(entry) === destination)?.prefixLength
}

/** The address with all bits behind the prefix cleared. */
export function networkOf(address: string, length: number): string {
  const v6 = address.includes(':')
  const bytes = parseIp(address)
  for (let bit = length; bit < bytes.length * 8; bit++) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) & ~(0x80 >> (bit & 7))
  return v6 ? formatIPv6(bytes, 0) : formatIPv4(bytes, 0)
}

/** Interfaces at the other side of a link: the peer, or everything on the bridge that the peer is a port of. */
export function routersOn(walk: Walk, place: Place, link: Link): { place: Place; link: Link }[] {
  const far = walk.scene.farEnd(place.inode, link.index)
  const peer = far === undefined || far === 'gone' ? undefined : far.place.link(far.index)
  const bridge =
    kindOf(link) === 'bridge'
      ? { place, index: link.index }
      : peer === undefined ||
          far === undefined ||
          far === 'gone' ||
          peer.info?.slaveKind !== 'bridge' ||
          peer.master === undefined
        ? undefined
        : { place: far.place, index: peer.master }
  if (bridge === undefined)
    return peer === undefined || far === undefined || far === 'gone' ? [] : [{ place: far.place, link: peer }]
  const device = bridge.place.link(bridge.index)
  const ports = bridge.place.links.filter((port) => port.master === bridge.index)
  const behind = ports.flatMap((port) => {
    const other = walk.scene.farEnd(bridge.place.inode, port.index)
    const end = other === undefined || other === 'gone' ? undefined : other.place.link(other.index)
    return end === undefined || other === undefined || other === 'gone' ? [] : [{ place: other.place, link: end }]
  })
  return [...(device === undefined ? [] : [{ place: bridge.place, link: device }]), ...behind]
}
