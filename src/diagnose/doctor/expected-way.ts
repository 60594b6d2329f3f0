/**
 * Who ought to reach whom without anybody having to say so: neighbours on one wire and of one subnet; and whoever sends
 * through a router, those behind it. A few of all pairs, chosen so that everybody is part of one, and their number grows with
 * the number of stations only.
 */
import type { Family, Place } from '../scene/place.ts'
import { DisjointSets } from './disjoint-sets.ts'
import type { Examination } from './examination.ts'
import { groupBy } from './group-by.ts'
import type { Interface, OwnAddress } from './interface.ts'
import type { Segment } from './segment.ts'

/** Somebody, and whom he ought to reach. */
export interface ExpectedWay {
  readonly from: Interface
  readonly source: OwnAddress
  readonly to: Interface
  readonly destination: OwnAddress
  /** They are on one wire; or there are routers between them. */
  readonly over: 'wire' | 'routers'
}

/** A question about a neighbour goes to everybody on a wire, so that the cost of a way grows with the wire's size. */
const LARGEST_WIRE = 24

interface Station {
  readonly one: Interface
  readonly own: OwnAddress
}

/** Ways over one wire: each station of a subnet to the next one. */
export function waysOnWires({ wideSegments, broken }: Examination): ExpectedWay[] {
  return wideSegments
    .all()
    .filter(isSmall)
    .flatMap((segment) => {
      const members = stationsOf(segment).filter(({ one }) => !broken.has(one))
      // Each host of an overlay may have the gateway's address on a bridge of its own.
      const held = groupBy(members, ({ own }) => own.address)
      const unique = members.filter(({ own }) => held.get(own.address)!.length === 1)
      return [...groupBy(unique, ({ own }) => `${own.subnet.first}/${own.subnet.length}`).values()].flatMap((subnet) =>
        subnet.slice(1).flatMap((to, i): ExpectedWay[] => {
          const from = subnet[i]!
          if (from.one.place.inode === to.one.place.inode) return []
          return [{ from: from.one, source: from.own, to: to.one, destination: to.own, over: 'wire' }]
        }),
      )
    })
}

function isSmall({ stations, ports }: Segment): boolean {
  return stations.length <= LARGEST_WIRE && ports.length <= LARGEST_WIRE
}

function stationsOf({ stations }: Segment): Station[] {
  return stations
    .filter(({ up }) => up)
    .flatMap((one) => {
      // The first of each family is the one that the others are secondary to.
      const firsts = new Map<Family, OwnAddress>()
      for (const own of one.addresses) if (!firsts.has(own.family)) firsts.set(own.family, own)
      return [...firsts.values()].map((own) => ({ one, own }))
    })
}

/** Ways over routers: each station that knows a way to another wire, to somebody there. */
export function waysOverRouters(examination: Examination): ExpectedWay[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const parts = joinedByRouters(family, examination)
    const ends = examination.segments
      .all()
      .filter(isSmall)
      .flatMap((segment) =>
        stationsOf(segment)
          .filter(
            ({ one, own }) =>
              own.family === family && !examination.broken.has(one) && !isRouter(one.place, family, examination),
          )
          .map((station) => ({ ...station, segment, part: parts.find(keyOf(segment)) })),
      )
    return [...groupBy(ends, ({ part }) => part).values()].flatMap((group) => {
      const wires = [...groupBy(group, ({ segment }) => segment)]
      if (wires.length < 2) return []
      return wires.flatMap(([, members], i) =>
        members.flatMap((from, j) => {
          const [, others] = wires[(i + 1 + (j % (wires.length - 1))) % wires.length]!
          const to = others[j % others.length]!
          return knowsWay(from, to)
            ? [{ from: from.one, source: from.own, to: to.one, destination: to.own, over: 'routers' as const }]
            : []
        }),
      )
    })
  })
}

/** He sends it to a gateway. */
function knowsWay(from: Station, to: Station): boolean {
  if (from.one.place.inode === to.one.place.inode) return false
  const answer = from.one.place.lookUpRoute({ destination: to.own.address })
  return (
    answer.kind !== 'local' && answer.kind !== 'none' && !(answer.kind === 'unicast' && answer.gateway === undefined)
  )
}

/** Wires that a namespace which forwards has interfaces on. */
function joinedByRouters(family: Family, { scene, wiring, segments }: Examination): DisjointSets {
  const sets = new DisjointSets()
  for (const place of scene.places()) {
    if (!isRouter(place, family, { wiring })) continue
    const [first, ...others] = wiring
      .of(place.inode)
      .filter((one) => one.up && one.addresses.some((own) => own.family === family))
      .map((one) => keyOf(segments.of(one)))
    for (const other of others) sets.join(first!, other)
  }
  return sets
}

function keyOf({ stations, ports }: Segment): string {
  return (stations[0] ?? ports[0])?.id ?? ''
}

/**
 * Whether the namespace forwards from one wire to another. A new namespace has the setting of the one in which the kernel
 * started (net.core.devconf_inherit_init_net): beside Docker, every container forwards, and has nothing to forward to.
 */
export function isRouter(place: Place, family: Family, { wiring }: Pick<Examination, 'wiring'>): boolean {
  if (place.settings.get(family === 'ipv4' ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding') !== '1')
    return false
  const used = wiring.of(place.inode).filter((one) => one.up && one.kind !== 'loopback')
  // A router that has lost one of its addresses is still one.
  const wires = used.filter((one) => one.addresses.some((own) => own.family === family))
  return wires.length > 1 || (wires.length === 1 && used.some((one) => one !== wires[0] && one.kind === 'bridge'))
}
