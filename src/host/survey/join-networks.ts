/** Networks with their members: what runtimes define, joined with interfaces; and bridges that no runtime speaks for. */
import type { Network, NetworkMember, Owner } from '../graph.ts'
import type { OwnedNetwork } from '../owners/owner-source.ts'
import { type Atlas, append, type Placed } from './atlas.ts'
import { interfaceId } from './interface-id.ts'
import type { NamespaceKey } from './observed.ts'
import { subnetOf } from './subnet.ts'

/** Owners by namespace, for naming members. */
export type OwnersByNamespace = ReadonlyMap<NamespaceKey, readonly Owner[]>

/** Every network: the runtimes' in their order, then the bridges that are left. */
export function joinNetworks(atlas: Atlas, owned: readonly OwnedNetwork[], owners: OwnersByNamespace): Network[] {
  const index = indexMembers(atlas)
  const networks = owned.map((network) => joinOwned(atlas, index, network, owners))
  const claimed = new Set(networks.map((network) => network.bridge))
  const bridges = (atlas.byKind.get('bridge') ?? []).filter((bridge) => !claimed.has(bridge.id))
  return [...networks, ...bridges.map((bridge) => bridgeNetwork(atlas, index, bridge, owners))]
}

/** What finding members needs, gathered once. */
interface MemberIndex {
  readonly byMac: ReadonlyMap<string, readonly Placed[]>
  /** Ports by the interface id of their bridge. */
  readonly ports: ReadonlyMap<string, readonly Placed[]>
}

function indexMembers(atlas: Atlas): MemberIndex {
  const byMac = new Map<string, Placed[]>()
  const ports = new Map<string, Placed[]>()
  for (const placed of atlas.interfaces.values()) {
    if (placed.link.mac !== null) append(byMac, placed.link.mac, placed)
    if (placed.link.master !== 0) append(ports, interfaceId(placed.namespace, placed.link.master), placed)
  }
  return { byMac, ports }
}

function joinOwned(atlas: Atlas, index: MemberIndex, network: OwnedNetwork, owners: OwnersByNamespace): Network {
  const bridge = findBridge(atlas, network)
  const others = bridge === undefined ? [] : membersBehind(atlas, index, bridge, owners)
  const behind = new Set(others.map((member) => member.interface))
  const members = network.members.map((member): NetworkMember => {
    const found = findMember(index, member, behind)
    return {
      name: member.name,
      interface: found?.id ?? null,
      addresses: found === undefined ? member.addresses : found.link.addresses,
      mac: member.mac,
    }
  })
  const known = new Set(members.map((member) => member.interface))
  return {
    runtime: network.runtime,
    id: network.id,
    name: network.name,
    driver: network.driver,
    subnets: network.subnets,
    namespace:
      network.namespaceInode !== null && atlas.namespaces.has(network.namespaceInode) ? network.namespaceInode : null,
    bridge: bridge?.id ?? null,
    members: [...members, ...others.filter((member) => !known.has(member.interface))],
  }
}

/**
 * The interface of a member, by its MAC. Two daemons give the same MACs and addresses to the containers of their networks,
 * so what is joined with the network's own bridge comes first.
 */
function findMember(
  index: MemberIndex,
  { mac, addresses }: OwnedNetwork['members'][number],
  behind: ReadonlySet<string | null>,
): Placed | undefined {
  const all = mac === null ? [] : (index.byMac.get(mac.toLowerCase()) ?? [])
  const joined = all.filter((placed) => behind.has(placed.id))
  const interfaces = joined.length > 0 ? joined : all
  return interfaces.find((placed) => sharesAddress(placed, addresses)) ?? interfaces[0]
}

function sharesAddress(placed: Placed, addresses: readonly string[]): boolean {
  return addresses.some((address) => placed.link.addresses.some((own) => own.split('/')[0] === address.split('/')[0]))
}

/** The bridge of that name in the daemon's namespace; of an overlay, the bridge in the overlay's own namespace. */
function findBridge(atlas: Atlas, network: OwnedNetwork): Placed | undefined {
  const bridges = atlas.byKind.get('bridge') ?? []
  if (network.namespaceInode !== null) return bridges.find((bridge) => bridge.namespace === network.namespaceInode)
  if (network.bridgeName === null || network.daemonInode === null) return undefined
  return bridges.find((bridge) => bridge.namespace === network.daemonInode && bridge.link.name === network.bridgeName)
}

/** Far ends of a bridge's veth ports; a port that leads nowhere else (a physical or vxlan interface) is no member. */
function membersBehind(atlas: Atlas, index: MemberIndex, bridge: Placed, owners: OwnersByNamespace): NetworkMember[] {
  return (index.ports.get(bridge.id) ?? []).flatMap((port) => {
    const { farEnd } = port.link
    const far =
      farEnd?.namespace === undefined ? undefined : atlas.interfaces.get(interfaceId(farEnd.namespace, farEnd.index))
    if (port.link.kind !== 'veth' || far === undefined) return []
    return [{ name: nameOf(atlas, far, owners), interface: far.id, addresses: far.link.addresses, mac: far.link.mac }]
  })
}

function nameOf(atlas: Atlas, placed: Placed, owners: OwnersByNamespace): string {
  const owner = owners.get(placed.namespace)?.[0]
  const name = atlas.namespaces.get(placed.namespace)?.sighting?.names[0]
  if (owner?.runtime === 'process') return name ?? owner.name
  return owner?.name ?? name ?? placed.namespace
}

function bridgeNetwork(atlas: Atlas, index: MemberIndex, bridge: Placed, owners: OwnersByNamespace): Network {
  return {
    runtime: 'kernel',
    id: bridge.id,
    name: bridge.link.name,
    driver: 'bridge',
    subnets: bridge.link.addresses.filter((address) => !/^fe80:/i.test(address)).map(subnetOf),
    namespace: bridge.namespace,
    bridge: bridge.id,
    members: membersBehind(atlas, index, bridge, owners),
  }
}
