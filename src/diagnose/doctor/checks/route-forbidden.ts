/** Routes that forbid. */
import { RouteProtocol, RouteTable, RouteType, tableOf } from '../../../kernel/index.ts'
import { fixRouteForbids } from '../../remedy/route-fix.ts'
import type { Place } from '../../scene/place.ts'
import { contains, parsePrefixText } from '../address.ts'
import { DisjointSets } from '../disjoint-sets.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { called, fact, subjectOf } from '../words.ts'

/** `route-blackhole` */
export const routeForbidden: Check = {
  codes: ['route-blackhole'],
  examine(examination) {
    const joined = joinedPlaces(examination)
    return examination.scene.places().flatMap((place) => examinePlace(place, joined, examination))
  },
}

const TYPES: Readonly<Record<number, string>> = {
  [RouteType.blackhole]: 'blackhole',
  [RouteType.unreachable]: 'unreachable',
  [RouteType.prohibit]: 'prohibit',
}
/** Routing daemons put such routes under the summaries that they announce. */
const BY_HAND = new Set<number>([RouteProtocol.unspecified, RouteProtocol.boot, RouteProtocol.static])

/** Namespaces that are wired together, if by many routers: others may have the same addresses. */
function joinedPlaces({ segments }: Examination): DisjointSets {
  const sets = new DisjointSets()
  for (const { stations, ports } of segments.all()) {
    const [first, ...others] = [...stations, ...ports]
    for (const other of others) sets.join(first!.place.inode, other.place.inode)
  }
  return sets
}

function examinePlace(place: Place, joined: DisjointSets, examination: Examination): Diagnosis[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) =>
    place.routes(family).flatMap((route): Diagnosis[] => {
      const type = TYPES[route.type]
      if (type === undefined || tableOf(route) !== RouteTable.main) return []
      // The kernel's own answer to what it has no route for.
      if (route.protocol === RouteProtocol.kernel) return []
      const prefix = route.destination === undefined ? 'default' : `${route.destination}/${route.destinationLength}`
      const victim = victimOf(prefix, place, joined, examination)
      return [
        {
          finding: {
            code: 'route-blackhole',
            severity: victim !== undefined && BY_HAND.has(route.protocol) ? 'warning' : 'info',
            subject: subjectOf(place),
            summary:
              `${place.label} throws away what goes to ${prefix}` +
              (victim === undefined ? ', by a route of its own.' : `, where ${victim} is.`),
            evidence: [fact(`${type} ${prefix} in table main of ${place.label}`)],
            fix: fixRouteForbids(place, examination.scene.home, type, {
              prefix: prefix === 'default' && family === 'ipv6' ? '::/0' : prefix,
            }),
          },
        },
      ]
    }),
  )
}

/** Somebody who is there, and whom the route keeps from being reached. */
function victimOf(prefix: string, place: Place, joined: DisjointSets, { wiring }: Examination): string | undefined {
  const forbidden = prefix === 'default' ? undefined : parsePrefixText(prefix)
  if (forbidden === undefined) return undefined
  for (const one of wiring.interfaces) {
    const near = one.place.inode !== place.inode && joined.find(one.place.inode) === joined.find(place.inode)
    const hit = !near ? undefined : one.addresses.find(({ address }) => contains(forbidden, address))
    if (hit === undefined || !one.up) continue
    const answer = place.lookUpRoute({ destination: hit.address })
    if (['blackhole', 'unreachable', 'prohibit'].includes(answer.kind)) return `${called(one)} with ${hit.address}`
  }
  return undefined
}
