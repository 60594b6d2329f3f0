/** Addresses that a namespace ought to have, though it may not: from what runtimes and neighbours remember. */
import type { Intent } from '../intent/index.ts'
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { isGroup } from './link-layer.ts'
import { inSubnetOf, isLinkLocal, ownAddresses, type PlaceAddress } from './own-address.ts'

/** Addresses on record that the namespace does not have, runtimes' records first. */
export function missingAddresses(scene: Scene, place: Place, intent: Intent): readonly PlaceAddress[] {
  const present = new Set(ownAddresses(place, undefined).map(({ address }) => address))
  const known = [...recorded(intent, place), ...ofNetworks(scene, place), ...remembered(scene, place)]
  const missing = new Map<string, PlaceAddress>()
  for (const one of known) {
    if (!present.has(one.address) && !missing.has(one.address)) missing.set(one.address, one)
  }
  return [...missing.values()]
}

/** What the runtime that made the container has on record. */
function recorded(intent: Intent, place: Place): PlaceAddress[] {
  return intent.containers
    .filter(({ namespace }) => namespace === place.inode)
    .flatMap(({ endpoints }) => endpoints)
    .flatMap(({ addresses }) => addresses.flatMap((text) => parsePrefix(text) ?? []))
}

/** Members of a network without an interface here: their addresses are the runtime's word. */
function ofNetworks(scene: Scene, place: Place): PlaceAddress[] {
  const names = new Set(place.node.owners.map(({ name }) => name))
  return scene.graph.networks
    .flatMap(({ members }) => members)
    .filter((member) => member.interface === null && names.has(member.name))
    .flatMap(({ addresses }) => addresses.flatMap((text) => parsePrefix(text) ?? []))
}

/** What neighbours remember of the namespace's link-layer addresses: an address that nobody there has any more. */
function remembered(scene: Scene, place: Place): PlaceAddress[] {
  const macs = new Set(
    place.links.flatMap(({ address }) => (address === undefined || isGroup(address) ? [] : [address])),
  )
  if (macs.size === 0) return []
  return scene.places().flatMap((other) => {
    if (other.inode === place.inode) return []
    return other.neighbours.flatMap(({ destination, lladdr }): PlaceAddress[] => {
      if (destination === undefined || lladdr === undefined || !macs.has(lladdr) || isLinkLocal(destination)) return []
      const subnet = ownAddresses(other, undefined).find((own) => inSubnetOf(destination, own))
      if (subnet === undefined) return []
      const { family, prefixLength } = subnet
      return [{ address: destination, prefixLength, family, index: undefined, linkLocal: false }]
    })
  })
}

function parsePrefix(text: string): PlaceAddress | undefined {
  const [address = '', length] = text.split('/')
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  if (address === '') return undefined
  const prefixLength = length === undefined ? (family === 'ipv4' ? 32 : 128) : Number(length)
  return { address, prefixLength, family, index: undefined, linkLocal: false }
}
