/** Joins interfaces into links: who is the other end of what. */
import type { Link, LinkKind } from '../graph.ts'
import type { Atlas, Placed } from './atlas.ts'
import { compareInterfaceIds, interfaceId } from './interface-id.ts'
import { joinTunnels } from './join-tunnels.ts'
import { joinVxlans } from './join-vxlans.ts'

/** Kinds that stand on a parent interface, and what their link is called. */
const PARENT_LINKS: Readonly<Record<string, LinkKind>> = {
  vlan: 'vlan',
  macvlan: 'macvlan',
  macvtap: 'macvlan',
  ipvlan: 'ipvlan',
  ipvtap: 'ipvlan',
}

/** Kinds that come in pairs, each end naming the other. */
const PAIRED = ['veth', 'netkit', 'vxcan']

/** Every link of the survey, in a stable order. */
export function joinLinks(atlas: Atlas): Link[] {
  const links = [
    ...PAIRED.flatMap((kind) => joinPairs(atlas, atlas.byKind.get(kind) ?? [])),
    ...joinBridgePorts(atlas),
    ...joinParents(atlas),
    ...joinVxlans(atlas),
    ...joinTunnels(atlas),
  ]
  return links.sort((a, b) => compareInterfaceIds(a.from, b.from) || compareInterfaceIds(a.to ?? '', b.to ?? ''))
}

function joinPairs(atlas: Atlas, ends: readonly Placed[]): Link[] {
  const links: Link[] = []
  const joined = new Set<string>()
  for (const end of ends) {
    if (joined.has(end.id)) continue
    const peer = peerOf(atlas, end)
    if (peer === undefined) {
      links.push({ kind: 'veth', from: end.id, to: null, details: missingPeer(end) })
      continue
    }
    joined.add(peer.id)
    const [from, to] = compareInterfaceIds(end.id, peer.id) < 0 ? [end.id, peer.id] : [peer.id, end.id]
    links.push({ kind: 'veth', from, to, details: end.link.kind === 'veth' ? {} : { kind: end.link.kind } })
  }
  return links
}

function peerOf(atlas: Atlas, end: Placed): Placed | undefined {
  const { farEnd } = end.link
  if (farEnd?.namespace === undefined) return undefined
  return atlas.interfaces.get(interfaceId(farEnd.namespace, farEnd.index))
}

/** A peer that is there but out of sight (no permission to read its namespace) is not a peer that is gone. */
function missingPeer(end: Placed): Record<string, unknown> {
  const { farEnd } = end.link
  if (farEnd !== undefined && farEnd.namespace === undefined) return { unseen: true, peerIndex: farEnd.index }
  return { missing: true }
}

function joinBridgePorts(atlas: Atlas): Link[] {
  const links: Link[] = []
  for (const placed of atlas.interfaces.values()) {
    if (placed.link.master === 0) continue
    const master = atlas.interfaces.get(interfaceId(placed.namespace, placed.link.master))
    if (master?.link.kind !== 'bridge') continue
    links.push({ kind: 'bridge-port', from: placed.id, to: master.id, details: portDetails(placed) })
  }
  return links
}

/** What a port's picture shows of its state; the kernel's numbers are those of 802.1D. */
function portDetails(placed: Placed): Record<string, unknown> {
  const port = placed.link.details['bridgePort'] as Record<string, unknown> | undefined
  return port === undefined ? {} : { ...port }
}

function joinParents(atlas: Atlas): Link[] {
  const links: Link[] = []
  for (const [kind, linkKind] of Object.entries(PARENT_LINKS)) {
    for (const placed of atlas.byKind.get(kind) ?? []) {
      const parent = peerOf(atlas, placed)
      const details = parent === undefined ? missingPeer(placed) : {}
      links.push({ kind: linkKind, from: placed.id, to: parent?.id ?? null, details })
    }
  }
  return links
}
