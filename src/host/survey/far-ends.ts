/**
 * Finds out which namespaces the far ends of interfaces are in. Within a region the observer's ids tell. An id that the kernel
 * gave to a namespace of another region is resolved by looking at the far interface through it, finding regions with an
 * interface that looks the same, and asking those which namespace it is: exact, and one question as a rule, even when all
 * interfaces of the host look alike one for each region.
 * An id that no region knows belongs to a namespace that nothing else on the host shows.
 */
import type { LinkSummary } from '../../kernel/index.ts'
import { interfaceId } from './interface-id.ts'
import type { NamespaceKey } from './observed.ts'
import type { ObserverId } from './observer.ts'
import type { Region, Visited } from './region.ts'

/** Teaches every region what its ids mean; returns all namespaces, those that came to light included. */
export function resolveFarEnds(visited: readonly Visited[], regions: readonly Region[]): Visited[] {
  const all = [...visited]
  const looks = new Map<string, Set<Region>>()
  if (regions.length > 1) for (const one of visited) remember(looks, one)
  // Namespaces that come to light are appended, and looked at in turn.
  for (const one of all) {
    for (const link of one.tables.links) {
      const id = link.linkNetnsid
      if (id === undefined || id < 0 || one.region.keyOf(id) !== undefined) continue
      const key = identify(one.region, id, link, looks, regions)
      if (key !== undefined) {
        one.region.learn(id, key)
        continue
      }
      const revealed = reveal(one, id, link)
      if (revealed === undefined) continue
      if (regions.length > 1) remember(looks, revealed)
      all.push(revealed)
    }
  }
  return all
}

/** What an interface looks like from outside: equal looks are a hint, never a proof. */
function look(link: LinkSummary): string {
  return `${link.index} ${link.name} ${link.address}`
}

function remember(looks: Map<string, Set<Region>>, visited: Visited): void {
  for (const link of visited.tables.links) {
    const regions = looks.get(look(link))
    if (regions === undefined) looks.set(look(link), new Set([visited.region]))
    else regions.add(visited.region)
  }
}

function identify(
  region: Region,
  id: ObserverId,
  link: LinkSummary,
  looks: ReadonlyMap<string, ReadonlySet<Region>>,
  regions: readonly Region[],
): NamespaceKey | undefined {
  // A tunnel names its underlay without an interface in it, and an interface may have changed since it was read: when the
  // likely regions do not know the namespace, all others are asked.
  const asked = new Set([region])
  for (const other of [...likelyRegions(region, id, link, looks), ...regions]) {
    if (asked.has(other)) continue
    asked.add(other)
    const there = region.translate(id, other)
    const key = there === undefined ? undefined : other.keyOf(there)
    if (key !== undefined) return key
  }
  return undefined
}

/** Regions with an interface that looks like the far end of `link`. */
function likelyRegions(
  region: Region,
  id: ObserverId,
  link: LinkSummary,
  looks: ReadonlyMap<string, ReadonlySet<Region>>,
): Iterable<Region> {
  if (looks.size === 0 || link.link === undefined || link.link === 0) return []
  const far = region.observer.readLink(id, link.link)
  return far === undefined ? [] : (looks.get(look(far)) ?? [])
}

/** Reads a namespace that is known only by the far end of `link`; undefined when it is gone. */
function reveal(from: Visited, id: ObserverId, link: LinkSummary): Visited | undefined {
  const { region } = from
  const tables = region.observer.read(id)
  if (tables === undefined) return undefined
  const foundThrough = interfaceId(from.key, link.index)
  const key = `behind:${foundThrough}`
  region.learn(id, key)
  return { region, id, key, kernelId: undefined, sighting: undefined, foundThrough, tables }
}
