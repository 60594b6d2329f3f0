/** Which of several addresses is meant, when people name a namespace. */
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { inSubnetOf, ownAddresses, type PlaceAddress } from './own-address.ts'

/** Networks through which containers reach the world, not each other. */
const SIDE_NETWORKS: ReadonlySet<string> = new Set(['docker_gwbridge', 'ingress'])

/** LOOPBACK_IFINDEX (include/net/flow.h) */
const LOOPBACK_INDEX = 1

/** How near an address is: the lower, the better. */
const Nearness = { shared: 0, sharedAside: 1, routed: 2, default: 3, unrouted: 4, linkLocal: 5 } as const

/**
 * Puts addresses in the order in which they are meant: on a subnet that both ends have, then where FROM has a route of its
 * own to, then through its default route. IPv4 comes before IPv6 where FROM has it: that its routes forbid the way is what
 * the question is about, and no reason to ask another one.
 */
export function inOrderOfNearness(
  scene: Scene,
  from: Place,
  addresses: readonly PlaceAddress[],
): readonly { readonly address: PlaceAddress; readonly shared: boolean }[] {
  const own = ownAddresses(from, undefined)
  const hasIPv4 = own.some(({ family }) => family === 'ipv4')
  const rankOf = ({ address, nearness }: { readonly address: PlaceAddress; readonly nearness: number }): number => {
    const second = (address.family === 'ipv6') === hasIPv4
    if (nearness <= Nearness.sharedAside) return 2 * nearness + Number(second)
    return nearness === Nearness.linkLocal ? 6 : 4 + Number(second)
  }
  return addresses
    .map((address) => ({ address, nearness: nearnessOf(scene, from, own, address) }))
    .sort((a, b) => rankOf(a) - rankOf(b) || a.nearness - b.nearness || aside(a.address) - aside(b.address))
    .map(({ address, nearness }) => ({ address, shared: nearness <= Nearness.sharedAside }))
}

/** Addresses of the loopback are a router's name, or an anycast service: those of the wires come first, where both are as near. */
function aside({ index }: PlaceAddress): number {
  return Number(index === LOOPBACK_INDEX)
}

function nearnessOf(scene: Scene, from: Place, own: readonly PlaceAddress[], to: PlaceAddress): number {
  if (to.linkLocal) return Nearness.linkLocal
  const near = own.filter((address) => inSubnetOf(to.address, address) && inSubnetOf(address.address, to))
  if (near.length > 0) {
    return near.every((address) => isAside(scene, from, address)) ? Nearness.sharedAside : Nearness.shared
  }
  const route = from.lookUpRoute({ destination: to.address })
  if (route.kind !== 'unicast' && route.kind !== 'local') return Nearness.unrouted
  return (route.route?.destinationLength ?? 1) === 0 ? Nearness.default : Nearness.routed
}

function isAside(scene: Scene, place: Place, { index }: PlaceAddress): boolean {
  const id = `${place.inode}/${index}`
  return scene.graph.networks.some(
    (network) => SIDE_NETWORKS.has(network.name) && network.members.some((member) => member.interface === id),
  )
}
