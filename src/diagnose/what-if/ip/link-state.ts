/** What goes when an interface goes down, and what comes when it comes up (fib_disable_ip, addrconf_ifdown, neigh_ifdown). */
import { type Link, LinkFlag, NextHopFlag, type Route, RouteType } from '../../../kernel/index.ts'
import { FAMILY_NUMBER } from '../../scene/fib/address-bits.ts'
import type { Place } from '../../scene/place.ts'
import type { PlaceChange } from '../supposed-place.ts'
import { routesOfAddress, withRoutes } from './address-routes.ts'
import { whenDown, withCarrier, withoutCarrier } from './carrier.ts'

/** Kinds that lose their carrier with the interface that they stand on. */
const STACKED: ReadonlySet<string> = new Set(['vlan', 'macvlan', 'macvtap', 'ipvlan', 'ipvtap', 'macsec'])

/** An interface goes down. */
export function downChange(place: Place, link: Link): PlaceChange {
  const { index } = link
  const keepsIpv6 = ['all', link.name ?? ''].some(
    (name) => place.settings.ofInterface('ipv6', name, 'keep_addr_on_down') === '1',
  )
  return {
    links: place.links.map((one) => {
      if (one.index === index) return disabledPort(whenDown(one))
      return one.link === index && one.linkNetnsid === undefined && STACKED.has(one.info?.kind ?? '')
        ? withoutCarrier(one)
        : one
    }),
    addresses: keepsIpv6
      ? place.addresses
      : place.addresses.filter((one) => one.index !== index || one.family !== FAMILY_NUMBER.ipv6),
    neighbours: place.neighbours.filter((one) => one.index !== index),
    // What the bridge learned at the port goes; what was written stays.
    forwarding: place.forwarding.filter(
      (one) => one.index !== index || one.master === undefined || isWritten(one.state),
    ),
    routes: {
      // Routes to the namespace itself stay: its addresses do.
      ipv4: withoutWay(place.routes('ipv4'), index, (route) => route.type === RouteType.local),
      ipv6: withoutWay(place.routes('ipv6'), index, () => false),
    },
  }
}

const NUD_WRITTEN = 0xc0

function isWritten(state: number): boolean {
  return (state & NUD_WRITTEN) !== 0
}

function disabledPort(link: Link): Link {
  const port = link.info?.bridgePort
  return port === undefined ? link : { ...link, info: { ...link.info, bridgePort: { ...port, state: 'disabled' } } }
}

/** Routes through an interface go; of those with several ways only that way dies. */
function withoutWay(routes: readonly Route[], index: number, stays: (route: Route) => boolean): readonly Route[] {
  return routes.flatMap((route): Route[] => {
    if (route.nextHops !== undefined && route.nextHops.length > 0) {
      const dead = NextHopFlag.dead | NextHopFlag.linkDown
      const nextHops = route.nextHops.map((hop) => (hop.index === index ? { ...hop, flags: hop.flags | dead } : hop))
      return nextHops.every(({ flags }) => (flags & NextHopFlag.dead) !== 0) ? [] : [{ ...route, nextHops }]
    }
    return route.outputInterface !== index || stays(route) ? [route] : []
  })
}

/** An interface comes up. Routes that were lost when it went down do not come back by themselves. */
export function upChange(place: Place, link: Link, carrier: boolean): PlaceChange {
  const up = { ...link, flags: link.flags | LinkFlag.up }
  const port = link.info?.bridgePort
  const enabled =
    port === undefined ? up : { ...up, info: { ...up.info, bridgePort: { ...port, state: 'forwarding' as const } } }
  const own = carrier ? withCarrier(enabled) : withoutCarrier(enabled)
  const addresses = place.addresses.filter(({ index }) => index === link.index)
  const routesOf = (family: 'ipv4' | 'ipv6'): readonly Route[] => {
    const made = addresses
      .filter((address) => address.family === FAMILY_NUMBER[family])
      .flatMap((address) => routesOfAddress(address, true))
    return withRoutes(place.routes(family), made)
  }
  return {
    links: place.links.map((one) => {
      if (one.index === link.index) return own
      const stacked = one.link === link.index && one.linkNetnsid === undefined && STACKED.has(one.info?.kind ?? '')
      return carrier && stacked && (one.flags & LinkFlag.up) !== 0 ? withCarrier(one) : one
    }),
    routes: { ipv4: routesOf('ipv4'), ipv6: routesOf('ipv6') },
  }
}
