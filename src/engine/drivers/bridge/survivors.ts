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

/** Host ends of a host. */
export interface HostEnds {
  /** By their endpoints' ids. */
  readonly marked: ReadonlyMap<string, HostEnd>
  /** By their names: links without any alias, which may be pairs of others, or one that we were killed before marking. */
  readonly unmarked: ReadonlyMap<string, FoundEnd>
}

/** Lists all links of the host that are called as host ends are. */
export function listHostEnds(socket: NetlinkSocket): HostEnds {
  const marked = new Map<string, HostEnd>()
  const unmarked = new Map<string, FoundEnd>()
  for (const link of listLinks(socket, { statistics: false, kind: 'veth' })) {
    if (!isHostEndName(link.name)) continue
    const owner = ownerOf(link.alias)
    if (owner !== undefined) marked.set(owner, { index: link.index, name: link.name ?? '' })
    else if (link.alias === undefined) unmarked.set(link.name ?? '', foundEnd(link))
  }
  return { marked, unmarked }
}

/** Other parts of the program mark links of theirs; those of this driver also have names of its making. */
function isHostEndName(name: string | undefined): boolean {
  return /^veth[0-9a-f]{7}$/.test(name ?? '')
}

function foundEnd(link: Link): FoundEnd {
  return { index: link.index, name: link.name ?? '', master: link.master, up: (link.flags & 1) !== 0 }
}
