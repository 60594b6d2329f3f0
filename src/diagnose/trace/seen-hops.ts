/** The hops of a prediction, and at which of them a real packet was seen. */
import type { Observation, Sighting } from '../observe/observation.ts'
import type { Hop } from '../path/prediction.ts'

/** A hop, and the sighting of a packet there. */
export interface SeenHop {
  readonly hop: Hop
  /** Undefined: not seen. */
  readonly sighting: Sighting | undefined
  /** Whether it could have been: it passes an interface of a namespace that was watched. */
  readonly watchable: boolean
}

/** Finds each hop's sighting, of the packet that came farthest. */
export function seenHops(hops: readonly Hop[], observation: Observation | undefined): SeenHop[] {
  if (observation === undefined) return hops.map((hop) => ({ hop, sighting: undefined, watchable: false }))
  const numbers = [...new Set(observation.sightings.flatMap(({ number }) => number ?? []))].sort((a, b) => a - b)
  const candidates = (numbers.length === 0 ? [undefined] : numbers).map((number) => match(hops, observation, number))
  return candidates.reduce((best, next) => (count(next) > count(best) ? next : best))
}

function count(hops: readonly SeenHop[]): number {
  return hops.filter(({ sighting }) => sighting !== undefined).length
}

/** The n-th time that the way passes an interface is the n-th sighting there: stamps may be too coarse to go by time. */
function match(hops: readonly Hop[], observation: Observation, number: number | undefined): SeenHop[] {
  const waiting = new Map<string, Sighting[]>()
  for (const sighting of observation.sightings) {
    if (sighting.packet === undefined) continue
    if (number !== undefined && sighting.number !== undefined && sighting.number !== number) continue
    const key = placeOf(sighting.kind === 'request' ? 'request' : 'reply', sighting)
    waiting.set(key, [...(waiting.get(key) ?? []), sighting])
  }
  return hops.map((hop) => {
    const { namespace, index, passes } = hop
    if (index === null || passes === null) return { hop, sighting: undefined, watchable: false }
    const sighting = waiting.get(placeOf(hop.direction, { namespace, index, passes }))?.shift()
    return { hop, sighting, watchable: observation.watched.includes(namespace) }
  })
}

function placeOf(
  direction: Hop['direction'],
  { namespace, index, passes }: Pick<Sighting, 'namespace' | 'index' | 'passes'>,
): string {
  return `${direction} ${namespace}/${index} ${passes}`
}

/** The farthest hop that a packet was seen at. */
export function lastSeenHop(hops: readonly SeenHop[]): SeenHop | undefined {
  return hops.findLast(({ sighting }) => sighting !== undefined)
}
