/** Entries of neighbour tables. */
import { type Neighbour, NeighbourFlag } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'

/** The entry of the kernel's table, real ones only. */
export function neighbourEntry(place: Place, index: number, address: string): Neighbour | undefined {
  return place.neighbours.find(
    (entry) => entry.index === index && entry.destination === address && (entry.flags & NeighbourFlag.proxy) === 0,
  )
}
