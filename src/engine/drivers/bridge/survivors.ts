/** What the host still has of networks and endpoints after a restart, and what of it belongs to nobody any more. */
import { type Link, type LinkReference, listLinks, type NetlinkSocket } from '../../../kernel/index.ts'
import type { HostEnd } from './endpoint-link.ts'
import { ownerOf } from './own-mark.ts'

/** A host end that was found. */
export interface FoundEnd extends HostEnd {
  /** Index of the bridge that it is a port of. */
  readonly master: number | undefined
  readonly up: boolean
}

/** Links of the bridge driver. */
export interface Survivors {
  readonly ends: ReadonlyMap<string, FoundEnd>
  /** Links with our mark that no record accounts for. */
  readonly strays: readonly LinkReference[]
}

/**
 * Sorts the host's links that carry our mark.
 * @param networks ids of networks @param endpoints ids of endpoints that are joined
 */
export function findSurvivors(
  socket: NetlinkSocket,
  networks: ReadonlySet<string>,
  endpoints: ReadonlySet<string>,
): Survivors {
  const ends = new Map<string, FoundEnd>()
  const strays: LinkReference[] = []
  for (const link of listLinks(socket, { statistics: false })) {
    const owner = ownerOf(link.alias)
    if (owner === undefined) continue
    if (link.info?.kind === 'bridge' && !networks.has(owner)) strays.push({ index: link.index })
    if (link.info?.kind !== 'veth' || !isHostEndName(link.name)) continue
    if (!endpoints.has(owner) || ends.has(owner)) strays.push({ index: link.index })
    else ends.set(owner, foundEnd(link))
  }
  return { ends, strays }
}

/** All host ends that the host has, by their endpoints' ids. */
export function listHostEnds(socket: NetlinkSocket): Map<string, HostEnd> {
  const ends = new Map<string, HostEnd>()
  for (const link of listLinks(socket, { statistics: false, kind: 'veth' })) {
    const owner = ownerOf(link.alias)
    if (owner !== undefined && isHostEndName(link.name)) ends.set(owner, { index: link.index, name: link.name ?? '' })
  }
  return ends
}

/** Other parts of the program mark links of theirs; those of this driver also have names of its making. */
function isHostEndName(name: string | undefined): boolean {
  return /^veth[0-9a-f]{7}$/.test(name ?? '')
}

function foundEnd(link: Link): FoundEnd {
  return { index: link.index, name: link.name ?? '', master: link.master, up: (link.flags & 1) !== 0 }
}
