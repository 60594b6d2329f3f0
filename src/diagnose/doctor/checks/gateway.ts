/** Gateways that nobody is, and containers that lost the way out that their neighbours have. */
import {
  NeighbourFlag,
  NeighbourState,
  ownAddress,
  type Route,
  RouteTable,
  RouteType,
  tableOf,
} from '../../../kernel/index.ts'
import { fixAddressMissing } from '../../remedy/link-fix.ts'
import { fixRouteMissing, fixRouteWrong } from '../../remedy/route-fix.ts'
import type { Family, Place } from '../../scene/place.ts'
import { contains } from '../address.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { isRouter } from '../expected-way.ts'
import type { Interface } from '../interface.ts'
import type { Segment } from '../segment.ts'
import { called, fact, listed, subjectOf } from '../words.ts'

/** `gateway-unreachable`, `route-missing` */
export const gateway: Check = {
  codes: ['gateway-unreachable', 'route-missing', 'address-missing'],
  examine(examination) {
    const found = examination.scene
      .places()
      .flatMap((place) => [...unreachable(place, examination), ...missing(place, examination)])
    // A router that lost its address is found once for each of its clients.
    return found.filter(
      ({ finding }, i) =>
        finding.code !== 'address-missing' ||
        found.findIndex((other) => other.finding.summary === finding.summary) === i,
    )
  },
}

interface Hop {
  readonly gateway: string
  readonly output: number
}

/** Gateways of a route; several where it has several next hops. */
function hopsOf(route: Route): Hop[] {
  const hops = route.nextHops ?? [{ gateway: route.gateway, via: route.via, index: route.outputInterface ?? 0 }]
  return hops.flatMap(({ gateway: address, via, index }) => {
    const next = address ?? via?.address
    return next === undefined ? [] : [{ gateway: next, output: index }]
  })
}

function unreachable(place: Place, examination: Examination): Diagnosis[] {
  const found = new Map<string, Diagnosis>()
  for (const family of ['ipv4', 'ipv6'] as const) {
    for (const route of place.routes(family)) {
      if (route.type !== RouteType.unicast || tableOf(route) !== RouteTable.main) continue
      for (const hop of hopsOf(route)) {
        const key = `${hop.gateway}%${hop.output}`
        const diagnosis = found.has(key) ? undefined : judge(place, route, hop, examination)
        if (diagnosis !== undefined) found.set(key, diagnosis)
      }
    }
  }
  return [...found.values()]
}

function judge(place: Place, route: Route, hop: Hop, examination: Examination): Diagnosis | undefined {
  const output = examination.wiring.get(place.inode, hop.output)
  if (output === undefined || !output.up || !output.carrier || examination.broken.has(output)) return undefined
  const segment = examination.wideSegments.of(output)
  // Somebody whom we cannot see may be the gateway, or what would show it to us is broken.
  if (
    segment.openAt !== undefined ||
    [...segment.stations, ...segment.ports].some((one) => examination.broken.has(one))
  )
    return undefined
  if (segment.stations.length < 2) return undefined
  const better = candidate(hop.gateway, output, segment, examination)
  const idle = idleHolder(hop.gateway, output, segment, examination)
  if (idle === undefined ? answers(hop.gateway, output, segment) : better === undefined) return undefined
  const lost = better === undefined ? lostBy(hop.gateway, output, segment, examination) : undefined
  if (lost !== undefined) return lost
  const prefix = route.destination === undefined ? 'default' : `${route.destination}/${route.destinationLength}`
  const fault =
    idle === undefined
      ? `but nobody on the wire of ${output.name} has that address`
      : `which is ${called(idle)}, no router`
  return {
    finding: {
      code: 'gateway-unreachable',
      severity: prefix === 'default' && idle === undefined ? 'error' : 'warning',
      subject: subjectOf(place, output),
      summary: `${place.label} sends what goes to ${prefix === 'default' ? 'the world outside' : prefix} to gateway ${hop.gateway}, ${fault}.`,
      evidence: [
        fact(`${prefix} via ${hop.gateway} dev ${output.name} in ${place.label}`),
        fact(
          `on that wire there are ${listed(segment.stations.filter(({ addresses }) => addresses.length > 0).map((one) => `${called(one)} (${one.addresses[0]!.address})`))}`,
        ),
      ],
      fix:
        better === undefined
          ? null
          : fixRouteWrong(place, examination.scene.home, { prefix, gateway: better, output: output.name }),
    },
    breaks: [],
  }
}

/** The one router on the wire has no address there of that family: it has lost the gateway's, for all who use it. */
function lostBy(
  address: string,
  output: Interface,
  { stations }: Segment,
  { wiring, scene }: Examination,
): Diagnosis | undefined {
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  const length = output.addresses.find(({ subnet }) => contains(subnet, address))?.subnet.length
  const routers = stations.filter(
    (one) =>
      one.place.inode !== output.place.inode &&
      forwards(one.place, family, one.name) &&
      wiring.of(one.place.inode).some((other) => other.id !== one.id && other.up && other.addresses.length > 0),
  )
  const [router] = routers
  if (router === undefined || length === undefined || routers.length > 1 || !router.up) return undefined
  if (router.addresses.some((own) => own.family === family)) return undefined
  return {
    finding: {
      code: 'address-missing',
      severity: 'error',
      subject: subjectOf(router.place, router),
      summary: `${called(router)} has no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address, but those on its wire send what goes outside to ${address}, which nobody there has.`,
      evidence: [
        fact(`${output.place.label} has a route via ${address} dev ${output.name}`),
        fact(`${called(router)} is the only router on that wire`),
      ],
      fix: fixAddressMissing(router.place, scene.home, router.name, `${address}/${length}`),
    },
    breaks: [],
  }
}

/** Who has the gateway's address, and is on one wire only and forwards nothing. */
function idleHolder(
  address: string,
  output: Interface,
  { stations }: Segment,
  { wiring }: Examination,
): Interface | undefined {
  const holders = stations.filter((one) => one.id !== output.id && one.addresses.some((own) => own.address === address))
  const [holder] = holders
  if (holder === undefined || holders.length > 1) return undefined
  return wiring.of(holder.place.inode).filter((one) => one.up && one.addresses.length > 0).length === 1
    ? holder
    : undefined
}

/**
 * Whether somebody on the wire would answer for an address: it is theirs (Linux answers for each address that the host has,
 * on every interface; ip-sysctl, arp_ignore), they answer for others, or the sender needs no answer.
 */
function answers(address: string, output: Interface, segment: Segment): boolean {
  if (
    holders(segment)
      .get(address)
      ?.some((id) => id !== output.id) === true
  )
    return true
  const fixed = output.place.neighbours.some(
    (entry) =>
      entry.index === output.index &&
      entry.destination === address &&
      (entry.state & (NeighbourState.permanent | NeighbourState.noArp)) !== 0,
  )
  if (fixed) return true
  return segment.stations.some(({ place, name, id }) => {
    if (id === output.id) return false
    if (
      place.settings.ofInterface('ipv4', name, 'proxy_arp') === '1' ||
      place.settings.get('net.ipv4.conf.all.proxy_arp') === '1'
    )
      return true
    return place.neighbours.some((entry) => entry.destination === address && (entry.flags & NeighbourFlag.proxy) !== 0)
  })
}

/** Stations of a segment by each address that their hosts have. A wire of a thousand containers is asked a thousand times. */
const holdersOfSegments = new WeakMap<Segment, ReadonlyMap<string, readonly string[]>>()

function holders(segment: Segment): ReadonlyMap<string, readonly string[]> {
  const known = holdersOfSegments.get(segment)
  if (known !== undefined) return known
  const found = new Map<string, string[]>()
  for (const { place, id } of segment.stations) {
    for (const row of place.addresses) {
      const address = ownAddress(row)
      if (address === undefined) continue
      const stations = found.get(address)
      if (stations === undefined) found.set(address, [id])
      else stations.push(id)
    }
  }
  holdersOfSegments.set(segment, found)
  return found
}

/** Who could be meant instead: the one bridge or router of the wire with an address in the sender's subnet. */
function candidate(wrong: string, output: Interface, segment: Segment, examination: Examination): string | undefined {
  const routers = segment.stations
    .filter(
      (one) =>
        one.place.inode !== output.place.inode &&
        isRouter(one.place, wrong.includes(':') ? 'ipv6' : 'ipv4', examination),
    )
    .flatMap(({ addresses }) => addresses.map(({ address }) => address))
    .filter(
      (address) =>
        output.addresses.some(({ subnet }) => contains(subnet, address)) &&
        address.includes(':') === wrong.includes(':'),
    )
  return routers.length === 1 ? routers[0] : undefined
}

function forwards(place: Place, family: Family, name: string): boolean {
  return family === 'ipv4'
    ? place.settings.ofInterface('ipv4', name, 'forwarding') === '1'
    : place.settings.get('net.ipv6.conf.all.forwarding') === '1'
}

/** Namespaces that serve others and start no connections of their own. */
const SERVING: ReadonlySet<string> = new Set(['host', 'overlay', 'ingress', 'loadbalancer'])

/** A container without a default route whose record, or all of whose neighbours, have one. */
function missing(place: Place, examination: Examination): Diagnosis[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family): Diagnosis[] => {
    if (SERVING.has(place.node.role) || hasDefault(place, family)) return []
    const wanted =
      recorded(place, family, examination) ??
      usual(place, family, examination) ??
      onlyRouter(place, family, examination)
    if (wanted === undefined) return []
    const { address, output, reason, severity } = wanted
    return [
      {
        finding: {
          code: 'route-missing',
          severity,
          subject: subjectOf(place, output),
          summary: `${place.label} has no default route: it reaches nobody but its own subnets.`,
          evidence: [fact(`no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} default route in ${place.label}`), reason],
          fix: fixRouteMissing(place, examination.scene.home, {
            prefix: 'default',
            gateway: address,
            output: output.name,
          }),
        },
      },
    ]
  })
}

function hasDefault(place: Place, family: Family): boolean {
  return place.routes(family).some((route) => route.destinationLength === 0 && route.type === RouteType.unicast)
}

interface WantedGateway {
  readonly address: string
  readonly output: Interface
  readonly reason: ReturnType<typeof fact>
  readonly severity: 'error' | 'warning' | 'info'
}

function recorded(place: Place, family: Family, { intent, wiring, broken }: Examination): WantedGateway | undefined {
  for (const container of intent.containers) {
    if (container.namespace !== place.inode) continue
    for (const endpoint of container.endpoints) {
      const address = endpoint.gateways.find(
        (candidateAddress) => candidateAddress.includes(':') === (family === 'ipv6'),
      )
      if (address === undefined) continue
      const output = wiring
        .of(place.inode)
        .find((one) => one.up && !broken.has(one) && one.addresses.some(({ subnet }) => contains(subnet, address)))
      if (output === undefined) continue
      return {
        address,
        output,
        reason: fact(`${container.runtime} has ${address} as the gateway of ${container.name}`, container.runtime),
        severity: 'error',
      }
    }
  }
  return undefined
}

/** What all others behind the same bridge do. A router needs no default route, and two neighbours make no custom. */
function usual(place: Place, family: Family, examination: Examination): WantedGateway | undefined {
  const { wiring, segments, broken } = examination
  for (const output of wiring.of(place.inode)) {
    if (!output.up || broken.has(output) || !output.addresses.some((own) => own.family === family)) continue
    if (isRouter(place, family, examination)) continue
    const peers = segments
      .of(output)
      .stations.filter(
        (one) =>
          one.place.inode !== place.inode &&
          one.kind !== 'bridge' &&
          one.addresses.some((own) => own.family === family) &&
          !isRouter(one.place, family, examination),
      )
    const gateways = new Set(peers.map((one) => defaultGateway(one.place, family) ?? ''))
    const [address] = gateways
    if (peers.length < 2 || gateways.size !== 1 || address === undefined || address === '') continue
    // The router itself.
    if (wiring.of(place.inode).some(({ addresses }) => addresses.some((own) => own.address === address))) continue
    return {
      address,
      output,
      reason: fact(`${listed(peers.map((one) => one.place.label))} on the same wire have ${address} as their gateway`),
      severity: 'warning',
    }
  }
  return undefined
}

/** It has one wire, on which there is one router, and knows no way through that. Internal networks are meant to be so. */
function onlyRouter(
  place: Place,
  family: Family,
  { wiring, segments, broken, intent }: Examination,
): WantedGateway | undefined {
  const used = wiring.of(place.inode).filter((one) => one.up && one.addresses.some((own) => own.family === family))
  const [output] = used
  if (output === undefined || used.length > 1 || broken.has(output)) return undefined
  if (intent.containers.some(({ namespace }) => namespace === place.inode)) return undefined
  if (place.routes(family).some((route) => route.type === RouteType.unicast && hopsOf(route).length > 0))
    return undefined
  const routers = segments
    .of(output)
    .stations.filter(
      (one) =>
        one.place.inode !== place.inode &&
        one.up &&
        forwards(one.place, family, one.name) &&
        wiring
          .of(one.place.inode)
          .some((other) => other.id !== one.id && other.up && other.addresses.some((own) => own.family === family)),
    )
  const [router] = routers
  const address = router?.addresses.find((own) =>
    output.addresses.some(({ subnet }) => contains(subnet, own.address)),
  )?.address
  if (router === undefined || routers.length > 1 || address === undefined) return undefined
  return {
    address,
    output,
    reason: fact(`${called(router)} with ${address} is the one router on its wire`),
    severity: 'info',
  }
}

function defaultGateway(place: Place, family: Family): string | undefined {
  const route = place
    .routes(family)
    .find(({ destinationLength, type }) => destinationLength === 0 && type === RouteType.unicast)
  return route === undefined ? undefined : hopsOf(route)[0]?.gateway
}
