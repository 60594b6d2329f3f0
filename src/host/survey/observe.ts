/** Reads every namespace of a discovery, and those that come to light on the way. Linear in namespaces and interfaces. */
import { hasCode, NetlinkError } from '../../kernel/index.ts'
import { discoverNamespaces } from '../discovery/discover.ts'
import type { Discovery, Sighting } from '../discovery/sighting.ts'
import { addressesByIndex, describeLink } from './describe-link.ts'
import { resolveFarEnds } from './far-ends.ts'
import { observeOwn } from './observe-own.ts'
import type { Observation, ObservedLink, ObservedNamespace, TunnelEntry } from './observed.ts'
import { openSighting } from './open-sighting.ts'
import { Region, type Visited } from './region.ts'
import { readTunnelEntries } from './tunnel-entries.ts'

/**
 * Namespaces a region: few enough that the kernel's walk over ids is short and the descriptors that are open while ids are
 * given stay far below the usual limit of 1,024; enough that the cost of an observer (half a millisecond) does not show.
 */
const REGION_SIZE = 128

/** Observes the whole host; as an ordinary user the own namespace only, and says so. */
export function observe(discovery: Discovery): Observation {
  const regions: Region[] = []
  try {
    regions.push(new Region())
  } catch (error) {
    // Without the privilege (EPERM), or where the number of namespaces is limited and used up (ENOSPC).
    if (hasCode(error, 'EPERM', 'EACCES', 'ENOSPC')) return observeOwn(discovery, error as Error)
    throw error
  }
  try {
    return observeRegions(discovery, regions)
  } finally {
    for (const region of regions) region.close()
  }
}

function observeRegions(discovery: Discovery, regions: Region[]): Observation {
  const missed: Sighting[] = []
  const host = discovery.init ?? discovery.own
  const hostSightings = discovery.sightings.filter((sighting) => sighting.inode === host)
  const others = discovery.sightings.filter((sighting) => sighting.inode !== host)
  const unopened = (sighting: Sighting): void => {
    missed.push(sighting)
  }
  const visited = regions[0]!.read([...hostSightings, ...others.slice(0, REGION_SIZE)], unopened)
  for (let from = REGION_SIZE; from < others.length; from += REGION_SIZE) {
    const region = new Region()
    regions.push(region)
    // The host is where most far ends are: each region knows it from the start.
    region.number(hostSightings, () => {})
    visited.push(...region.read(others.slice(from, from + REGION_SIZE), unopened))
  }
  const all = resolveFarEnds(visited, regions)
  const nsids = hostIds(
    all.find((one) => one.key === host),
    all,
  )
  const warnings = missedWarnings(missed)
  const observed = all.map((one) => describe(one, nsids.get(one.key) ?? null, warnings))
  return { observed, warnings }
}

/** Inodes that one sentence bears. */
const MOST_INODES = 4

/**
 * One sentence on namespaces that were seen and could not be opened. Most of them have ended meanwhile, which is no news: a
 * second look, taken only when there are any, tells which have not.
 */
function missedWarnings(missed: readonly Sighting[]): string[] {
  if (missed.length === 0) return []
  const there = new Set(discoverNamespaces().sightings.map(({ inode }) => inode))
  const left = missed.map(({ inode }) => inode).filter((inode) => there.has(inode))
  if (left.length === 0) return []
  const which = left.slice(0, MOST_INODES).join(', ') + (left.length > MOST_INODES ? ', …' : '')
  const whose = left.length === 1 ? 'a namespace was' : `${left.length} namespaces were`
  return [`${whose} seen but nothing that leads there can be opened, so that they are missing here: ${which}`]
}

/**
 * Ids that the host has for other namespaces (`ip netns list-id`), by their keys. One dump joins them with the ids of the
 * host's region; only when it leaves some over are the namespaces of other regions asked about one by one.
 */
function hostIds(host: Visited | undefined, all: readonly Visited[]): Map<string, number> {
  const ids = new Map<string, number>()
  if (host === undefined) return ids
  const { known, others } = host.region.observer.idsWithin(host.id)
  for (const [there, nsid] of known) {
    const key = host.region.keyOf(there)
    if (key !== undefined) ids.set(key, nsid)
  }
  let left = others
  for (const { region, id, key } of all) {
    if (left === 0) break
    const hostThere = region.idOf(host.key)
    if (ids.has(key) || hostThere === undefined) continue
    const nsid = region.observer.translate(id, hostThere)
    if (nsid === undefined) continue
    ids.set(key, nsid)
    left--
  }
  return ids
}

function describe(visited: Visited, nsid: number | null, warnings: string[]): ObservedNamespace {
  const { key, region, sighting, tables } = visited
  const addresses = addressesByIndex(tables.addresses)
  const links = tables.links.map((link) =>
    describeLink(link, key, addresses.get(link.index) ?? [], (id) => region.keyOf(id)),
  )
  return {
    key,
    id: visited.kernelId,
    sighting,
    foundThrough: visited.foundThrough,
    nsid,
    links,
    tunnelEntries: tunnelEntries(sighting, links, warnings),
  }
}

function tunnelEntries(
  sighting: Sighting | undefined,
  links: readonly ObservedLink[],
  warnings: string[],
): readonly TunnelEntry[] {
  if (sighting === undefined || !links.some((link) => link.kind === 'vxlan')) return []
  const namespace = openSighting(sighting)
  if (namespace === undefined) return []
  try {
    return readTunnelEntries(namespace, links)
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error
    warnings.push(`the forwarding entries of namespace ${sighting.inode} could not be read: ${error.message}`)
    return []
  } finally {
    namespace.close()
  }
}
