/** Makes the graph of what was observed and what the owners say. A pure function: the same input gives the same graph. */
import type { Discovery } from '../discovery/sighting.ts'
import type { Graph, Holder, InterfaceNode, NamespaceNode, NamespaceRole, Owner } from '../graph.ts'
import type { OwnerAnswer } from '../owners/owner-source.ts'
import { append, buildAtlas } from './atlas.ts'
import { compareKeys, interfaceId } from './interface-id.ts'
import { joinLinks } from './join-links.ts'
import { joinNetworks } from './join-networks.ts'
import type { NamespaceKey, ObservedNamespace } from './observed.ts'

/** Everything a graph is made of. */
export interface Findings {
  readonly host: string
  readonly takenAt: Date
  readonly discovery: Discovery
  readonly observed: readonly ObservedNamespace[]
  readonly owners: OwnerAnswer
  readonly warnings: readonly string[]
}

/** Assembles the graph. */
export function assembleGraph(findings: Findings): Graph {
  const observed = [...findings.observed].sort((a, b) => compareKeys(a.key, b.key))
  const atlas = buildAtlas(observed)
  const owners = ownersByNamespace(findings.owners)
  const roles = rolesByNamespace(findings.owners)
  const host = findings.discovery.init ?? findings.discovery.own
  return {
    schema: 'netwright/graph/v1',
    host: findings.host,
    takenAt: findings.takenAt.toISOString(),
    namespaces: observed.map((namespace) => namespaceNode(namespace, host, owners, roles)),
    interfaces: observed.flatMap((namespace) => interfaceNodes(namespace)),
    links: joinLinks(atlas),
    networks: joinNetworks(atlas, findings.owners.networks, owners),
    warnings: [...findings.discovery.warnings, ...findings.warnings, ...findings.owners.warnings],
  }
}

function ownersByNamespace(answer: OwnerAnswer): Map<NamespaceKey, Owner[]> {
  const owners = new Map<NamespaceKey, Owner[]>()
  for (const claim of answer.claims) append(owners, claim.inode, claim.owner)
  return owners
}

/** The first claim's role; claims come in the order of precedence of their sources. */
function rolesByNamespace(answer: OwnerAnswer): Map<NamespaceKey, NamespaceRole> {
  const roles = new Map<NamespaceKey, NamespaceRole>()
  for (const claim of answer.claims) if (!roles.has(claim.inode)) roles.set(claim.inode, claim.role)
  return roles
}

function namespaceNode(
  namespace: ObservedNamespace,
  host: string,
  owners: ReadonlyMap<NamespaceKey, readonly Owner[]>,
  roles: ReadonlyMap<NamespaceKey, NamespaceRole>,
): NamespaceNode {
  const { key, sighting } = namespace
  const names = sighting?.names ?? []
  const role = key === host ? 'host' : (roles.get(key) ?? 'anonymous')
  return {
    inode: key,
    id: namespace.id?.toString() ?? null,
    role: role === 'anonymous' && names.length > 0 ? 'named' : role,
    names,
    mounts: sighting?.mounts ?? [],
    pids: sighting?.pids ?? [],
    nsid: namespace.nsid,
    owners: owners.get(key) ?? [],
    holders: holdersOf(namespace),
  }
}

function holdersOf(namespace: ObservedNamespace): readonly Holder[] {
  if (namespace.sighting !== undefined) return namespace.sighting.holders
  return namespace.foundThrough === undefined ? [] : [{ kind: 'neighbour', interface: namespace.foundThrough }]
}

function interfaceNodes(namespace: ObservedNamespace): InterfaceNode[] {
  return namespace.links.map((link) => ({
    id: interfaceId(namespace.key, link.index),
    namespace: namespace.key,
    index: link.index,
    name: link.name,
    kind: link.kind,
    mac: link.mac,
    mtu: link.mtu,
    up: link.up,
    carrier: link.carrier,
    addresses: link.addresses,
    // An index that no interface of the namespace has stays visible as an id: that it dangles is worth seeing.
    master: link.master === 0 ? null : interfaceId(namespace.key, link.master),
    details: link.details,
  }))
}
