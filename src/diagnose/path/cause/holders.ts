/** Who has an address, or ought to. */
import { ownAddress } from '../../../kernel/index.ts'
import type { Place } from '../../scene/place.ts'
import { placeIfThere } from '../../scene/place-if-there.ts'
import { hasAddress } from '../addresses.ts'
import { kindOf } from '../links.ts'
import type { Walk } from '../walk.ts'
import type { End } from './attachment.ts'
import { distancesFrom } from './nearness.ts'

/** Interfaces that have the address, the nearest first; the namespace that is meant comes before all. */
export function holdersOf(walk: Walk, near: Place, address: string): End[] {
  const distances = distancesFrom(walk.scene, near.inode)
  const meant = walk.flow.to
  const inodes = new Set(
    walk.scene.graph.interfaces
      .filter((entry) => entry.addresses.some((own) => own.startsWith(`${address}/`)))
      .map((entry) => entry.namespace)
      .filter((inode) => distances.has(inode)),
  )
  for (const place of [meant, walk.flow.from])
    if (place !== undefined && hasAddress(place, address)) inodes.add(place.inode)
  const rank = (inode: string) => (inode === meant?.inode ? -1 : (distances.get(inode) ?? 1e9))
  return [...inodes]
    .sort((one, other) => rank(one) - rank(other))
    .flatMap((inode) => endsWith(placeIfThere(walk.scene, inode), address))
}

function endsWith(place: Place | undefined, address: string): End[] {
  if (place === undefined) return []
  return place.addresses
    .filter((entry) => ownAddress(entry) === address)
    .flatMap((entry) => {
      const link = place.link(entry.index)
      return link === undefined || kindOf(link) === 'loopback' ? [] : [{ place, link }]
    })
}

/** Interfaces near by that have a link-layer address. */
export function holdersOfMac(walk: Walk, near: Place, mac: string): End[] {
  const distances = distancesFrom(walk.scene, near.inode)
  return walk.scene.graph.interfaces
    .filter((entry) => entry.mac === mac && distances.has(entry.namespace))
    .flatMap((entry) => {
      const place = placeIfThere(walk.scene, entry.namespace)
      const link = place?.link(entry.index)
      return place === undefined || link === undefined ? [] : [{ place, link }]
    })
}
