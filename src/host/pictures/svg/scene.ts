/** What is drawn where: frames for namespaces that others hang on, cards for the rest, wires between cards. */
import type { Graph, InterfaceNode, NamespaceNode } from '../../graph.ts'
import { type Arrangement, arrange } from '../arrangement.ts'
import { farEndOf, type GraphIndex, indexGraph, isBackground } from '../graph-index.ts'
import { namespaceTitles } from '../titles.ts'

/** A graph, divided into the parts of the drawing. */
export interface Scene extends Arrangement {
  readonly index: GraphIndex
  readonly titles: ReadonlyMap<string, string>
  /** Namespaces with a frame: the host, and those with bridges or namespaces of their own. */
  readonly frames: readonly NamespaceNode[]
  /** Namespaces that are wired to each other directly, nearest neighbours first. */
  readonly wired: readonly NamespaceNode[]
  /** Namespaces that hang on nothing and are wired to no other without a frame. */
  readonly alone: readonly NamespaceNode[]
}

/** Divides a graph. */
export function makeScene(graph: Graph): Scene {
  const index = indexGraph(graph)
  const titles = namespaceTitles(graph.namespaces)
  const { sections, hangsOn } = arrange(index, titles)
  const bearing = new Set([...hangsOn.values()].map(({ near }) => near.namespace))
  const hasFrame = (node: NamespaceNode) =>
    node.role === 'host' ||
    bearing.has(node.inode) ||
    shownInterfaces(index, node.inode).some((own) => own.kind === 'bridge' || own.kind === 'vxlan')
  const order = [...sections, ...graph.namespaces.filter((node) => hangsOn.has(node.inode))]
  const frames = order.filter(hasFrame)
  const framed = new Set(frames.map((node) => node.inode))
  const wired = nearestFirst(index, order, framed)
  const inWires = new Set(wired.map((node) => node.inode))
  const alone = sections.filter((node) => !framed.has(node.inode) && !inWires.has(node.inode))
  return { index, titles, sections, hangsOn, frames, wired, alone }
}

/** Interfaces of a namespace that are worth drawing. */
export function shownInterfaces(index: GraphIndex, inode: string): InterfaceNode[] {
  return (index.inNamespace.get(inode) ?? []).filter((node) => !isBackground(index, node))
}

/** The far end of a wire that joins two namespaces without frames. */
export function directWire(
  index: GraphIndex,
  node: InterfaceNode,
  framed: ReadonlySet<string>,
): InterfaceNode | undefined {
  const far = farEndOf(index, node.id)?.interface
  if (far === undefined || far.namespace === node.namespace) return undefined
  return framed.has(far.namespace) || framed.has(node.namespace) ? undefined : far
}

/** Namespaces with direct wires, walked breadth first, so that neighbours are drawn near to each other. */
function nearestFirst(
  index: GraphIndex,
  order: readonly NamespaceNode[],
  framed: ReadonlySet<string>,
): NamespaceNode[] {
  const seen = new Set<string>()
  const found: NamespaceNode[] = []
  const neighbours = (inode: string) =>
    (index.inNamespace.get(inode) ?? []).flatMap((own) => directWire(index, own, framed)?.namespace ?? [])
  for (const start of order) {
    if (seen.has(start.inode) || framed.has(start.inode) || neighbours(start.inode).length === 0) continue
    const queue = [start.inode]
    seen.add(start.inode)
    for (let inode = queue.shift(); inode !== undefined; inode = queue.shift()) {
      const node = index.namespaces.get(inode)
      if (node === undefined) continue
      found.push(node)
      for (const next of neighbours(inode)) {
        if (!seen.has(next)) queue.push(next)
        seen.add(next)
      }
    }
  }
  return found
}
