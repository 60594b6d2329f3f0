/** The part of a graph around one namespace: a graph again, so that everything that takes a graph takes it. */
import type { Graph, InterfaceNode } from '../graph.ts'
import { type GraphIndex, indexGraph } from './graph-index.ts'

/**
 * What is joined directly to a namespace: all its interfaces, the far ends of all their links, and where a far end is the
 * port of a bridge, that bridge with its other ports and their far ends, and what its tunnels leave through. Of other namespaces nothing else is kept.
 * @param inode a namespace of the graph
 */
export function neighbourhoodOf(graph: Graph, inode: string): Graph {
  const index = indexGraph(graph)
  const kept = new Set<string>()
  const own = index.inNamespace.get(inode) ?? []
  const near = own.flatMap((node) => neighbours(index, node.id))
  const around = near.flatMap((far) => aroundBridge(index, far))
  for (const node of [...own, ...near, ...around]) keep(index, kept, node)
  for (const node of [...kept].flatMap((id) => underlayOf(index, id))) keep(index, kept, node)
  const namespaces = new Set([inode, ...[...kept].map((id) => index.interfaces.get(id)!.namespace)])
  return {
    ...graph,
    namespaces: graph.namespaces.filter((node) => namespaces.has(node.inode)),
    interfaces: graph.interfaces.filter((node) => kept.has(node.id)),
    links: graph.links.filter((link) => kept.has(link.from) && (link.to === null || kept.has(link.to))),
    networks: graph.networks.filter(
      (network) =>
        (network.bridge !== null && kept.has(network.bridge)) ||
        network.members.some((member) => member.interface !== null && kept.has(member.interface)),
    ),
  }
}

/** Keeps an interface, and its masters, without which it would seem to belong to nothing. */
function keep(index: GraphIndex, kept: Set<string>, node: InterfaceNode): void {
  for (let at: InterfaceNode | undefined = node; at !== undefined && !kept.has(at.id); ) {
    kept.add(at.id)
    at = at.master === null ? undefined : index.interfaces.get(at.master)
  }
}

/** Far ends of all links of an interface. */
function neighbours(index: GraphIndex, id: string): InterfaceNode[] {
  return (index.links.get(id) ?? []).flatMap((link) => {
    const far = link.from === id ? link.to : link.from
    const node = far === null ? undefined : index.interfaces.get(far)
    return node === undefined ? [] : [node]
  })
}

/** Of a bridge port: the other ports and what they lead to. */
function aroundBridge(index: GraphIndex, port: InterfaceNode): InterfaceNode[] {
  if (port.master === null) return []
  return (index.ports.get(port.master) ?? []).flatMap((other) => [other, ...neighbours(index, other.id)])
}

/** The interfaces that the outer packets of a vxlan leave through. */
function underlayOf(index: GraphIndex, id: string): InterfaceNode[] {
  const links = (index.links.get(id) ?? []).filter((link) => link.kind === 'vxlan' && link.from === id)
  return links.flatMap((link) => index.interfaces.get(String(link.details['underlayInterface'])) ?? [])
}
