/** Where a bridge believes a link-layer address to be (net/bridge/br_fdb.c). */
import { type Link, type Neighbour, NeighbourState } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import type { Switching } from './switching.ts'

/** What the table says of an address. */
export type ForwardingAnswer =
  | { readonly kind: 'local' }
  | { readonly kind: 'port'; readonly index: number; readonly learned: boolean }
  | { readonly kind: 'unknown' }

/** Looks an address up in the bridge's table. */
export function lookUp({ walk, place, bridge, vlan }: Switching, mac: string): ForwardingAnswer {
  const entry = entryOf(place, bridge, vlan, mac)
  if (mac === bridge.address || isLocal(entry)) return { kind: 'local' }
  if (entry !== undefined && isStatic(entry)) return { kind: 'port', index: entry.index, learned: false }
  const learned = walk.learnedPort(tableOf(place, bridge), vlan, mac)
  if (learned !== undefined) return { kind: 'port', index: Number(learned), learned: true }
  return entry === undefined ? { kind: 'unknown' } : { kind: 'port', index: entry.index, learned: true }
}

/** The bridge saw the source of a frame that came in by a port; entries that somebody wrote stay. */
export function learn({ walk, place, bridge, input, vlan, transit }: Switching): void {
  const source = transit.packet.frame?.source
  if (input === undefined || source === undefined || input.info?.bridgePort?.learning === 0) return
  const entry = entryOf(place, bridge, vlan, source)
  if (source === bridge.address || isLocal(entry) || (entry !== undefined && isStatic(entry))) return
  walk.learnPort(tableOf(place, bridge), vlan, source, String(input.index))
}

function tableOf(place: Place, bridge: Link): string {
  return `${place.inode}/${bridge.index}`
}

/** The bridge's entry of an address. */
export function entryOf(place: Place, bridge: Link, vlan: number, mac: string): Neighbour | undefined {
  return place.forwarding.find(
    (entry) => entry.master === bridge.index && entry.lladdr === mac && (entry.vlan ?? 0) === vlan,
  )
}

/** Entries marked permanent are the bridge's own addresses: frames for them go up to its namespace. */
function isLocal(entry: Neighbour | undefined): boolean {
  return entry !== undefined && (entry.state & NeighbourState.permanent) !== 0
}

function isStatic(entry: Neighbour): boolean {
  return (entry.state & NeighbourState.noArp) !== 0
}
