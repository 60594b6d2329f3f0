/** Which route would lead to a destination that none leads to. */
import { formatIPv4, formatIPv6, type Link, ownAddress, parseIp } from '../../../kernel/index.ts'
import type { WantedRoute } from '../../remedy/route-fix.ts'
import type { Place } from '../../scene/place.ts'
import {
  addressesOf,
  addressTowards,
  familyOfAddress,
  hasAddress,
  inSamePrefix,
  isLinkLocalAddress,
  isUnspecified,
} from '../addresses.ts'
import { isUp, kindOf, nameOf } from '../links.ts'
import type { Packet } from '../packet.ts'
import type { Walk } from '../walk.ts'
import { othersOnWire } from '../wire.ts'

/** The route that is missing, as far as it can be told from who is near; undefined when it cannot. */
export function likelyRoute(
  walk: Walk,
  place: Place,
  { source, destination }: Pick<Packet, 'source' | 'destination'>,
): WantedRoute | undefined {
  return connectedRoute(place, destination) ?? routeThroughNeighbour(walk, place, source, destination)
}

/** The destination is in the subnet of an interface that is up: the route that the kernel makes with the address is gone. */
function connectedRoute(place: Place, destination: string): WantedRoute | undefined {
  for (const link of place.links.filter(isUp)) {
    const entry = addressTowards(place, link.index, destination)
    const own = entry === undefined ? undefined : ownAddress(entry)
    if (entry === undefined || own === undefined || isLinkLocalAddress(own)) continue
    return { prefix: `${networkOf(destination, entry.prefixLength)}/${entry.prefixLength}`, output: nameOf(link) }
  }
  return undefined
}

/** A router on one of the namespace's links that knows the way: the only one of them, by the wire that it answers on. */
function routeThroughNeighbour(walk: Walk, place: Place, source: string, destination: string): WantedRoute | undefined {
  const family = familyOfAddress(destination)
  const links = place.links.filter((link) => isUp(link) && kindOf(link) !== 'loopback')
  const found = links.flatMap((link) => {
    const own = addressesOf(place, link.index, family)
    return othersOnWire(walk.scene, place, link).flatMap(({ place: router, link: port }) => {
      if (!leadsTo(place, router, destination, port)) return []
      const gateway = addressesOf(router, port.index, family)
        .map(ownAddress)
        .find(
          (candidate) =>
            candidate !== undefined && own.some((entry) => isNear(ownAddress(entry), candidate, entry.prefixLength)),
        )
      return gateway === undefined ? [] : [{ router, port, gateway }]
    })
  })
  const routers = new Set(found.map(({ router }) => router.inode))
  if (routers.size !== 1) return undefined
  const best = found.find(({ router, port }) => answersBy(router, source, port)) ?? found[0]
  return best === undefined ? undefined : { prefix: prefixFor(walk, place, destination), gateway: best.gateway }
}

function isNear(own: string | undefined, candidate: string, length: number): boolean {
  return own !== undefined && !isLinkLocalAddress(candidate) && inSamePrefix(own, candidate, length)
}

function answersBy(router: Place, source: string, port: Link): boolean {
  return !isUnspecified(source) && router.lookUpRoute({ destination: source }).output === port.index
}

/** Whether a neighbour knows a way to the destination that does not come back here. */
export function leadsTo(place: Place, router: Place, destination: string, port: Link): boolean {
  if (router.inode === place.inode) return false
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
