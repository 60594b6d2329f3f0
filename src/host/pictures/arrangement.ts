/**
 * Where each namespace is drawn: once, at the first bridge port (or other interface) that leads to it, or on its own.
 * All pictures arrange namespaces alike, so that a reader finds them again.
 */
import type { InterfaceNode, NamespaceNode } from '../graph.ts'
import { farEndOf, type GraphIndex, stackedOn } from './graph-index.ts'
import { compareNatural } from './natural-order.ts'

/** Where namespaces are drawn. */
export interface Arrangement {
  /** Namespaces on their own, in the order of the picture: the host, what serves networks, the rest by title. */
  readonly sections: readonly NamespaceNode[]
  /** For each namespace that hangs on an interface of another: that interface, and its own by which it hangs. */
  readonly hangsOn: ReadonlyMap<string, Attachment>
}

/** How a namespace hangs on another. */
export interface Attachment {
  /** Interface of the namespace that it is drawn in: a bridge port, the parent of a macvlan. */
  readonly near: InterfaceNode
  /** Its own interface. */
  readonly far: InterfaceNode
}

/** Levels of namespaces within namespaces (Docker in Docker) that are drawn within each other. */
const DEEPEST = 6

/** Arranges the namespaces of a graph. */
export function arrange(index: GraphIndex, titles: ReadonlyMap<string, string>): Arrangement {
  const order = [...index.graph.namespaces].sort(
    (a, b) => rank(index, a) - rank(index, b) || compareNatural(titles.get(a.inode)!, titles.get(b.inode)!),
  )
  const hangsOn = new Map<string, Attachment>()
  const sections: NamespaceNode[] = []
  const placed = new Set<string>()
  for (const section of order) {
    if (placed.has(section.inode)) continue
    placed.add(section.inode)
    sections.push(section)
    // Level by level, so that a namespace is drawn as near to its section as its links allow.
    let level = [section]
    for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
      level = level.flatMap((node) => hang(index, node, placed, hangsOn))
    }
  }
  return { sections, hangsOn }
}

/** The host first, then what serves networks, then namespaces with bridges of their own, then the rest. */
function rank(index: GraphIndex, node: NamespaceNode): number {
  if (node.role === 'host') return 0
  if (servesNetwork(node)) return 1
  return index.inNamespace.get(node.inode)?.some((owned) => owned.kind === 'bridge') === true ? 2 : 3
}

/** The ingress sandbox and load balancers hang on their networks like containers. */
function servesNetwork(node: NamespaceNode): boolean {
  return node.role === 'overlay'
}

/** Hangs on `node` every namespace that is not placed yet and that one of its interfaces leads to. */
function hang(
  index: GraphIndex,
  node: NamespaceNode,
  placed: Set<string>,
  hangsOn: Map<string, Attachment>,
): NamespaceNode[] {
  const hung: NamespaceNode[] = []
  for (const { near, far } of attachments(index, node)) {
    const other = index.namespaces.get(far.namespace)
    if (other === undefined || placed.has(other.inode) || servesNetwork(other) || other.role === 'host') continue
    placed.add(other.inode)
    hangsOn.set(other.inode, { near, far })
    hung.push(other)
  }
  return hung
}

/** Ways out of a namespace to which others may hang: bridge ports first, then parents; of the host its other veths too. */
function attachments(index: GraphIndex, node: NamespaceNode): Attachment[] {
  const own = index.inNamespace.get(node.inode) ?? []
  const isPort = (near: InterfaceNode) => near.master !== null && index.interfaces.get(near.master)?.kind === 'bridge'
  const wires = own.flatMap((near) => {
    const far = farEndOf(index, near.id)?.interface
    return far === undefined || far.namespace === node.inode ? [] : [{ near, far }]
  })
  const stacked = own.flatMap((near) =>
    stackedOn(index, near.id).flatMap((link) => {
      const far = index.interfaces.get(link.from)
      return far === undefined || far.namespace === node.inode ? [] : [{ near, far }]
    }),
  )
  const loose = node.role === 'host' ? wires.filter(({ near }) => !isPort(near)) : []
  return [...wires.filter(({ near }) => isPort(near)), ...stacked, ...loose]
}
