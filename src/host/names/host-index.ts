/** A graph, indexed for looking at many names. */
import type { Graph, InterfaceNode, NamespaceNode } from '../graph.ts'
import { namespaceLabel } from '../targets/namespace-words.ts'
import { RightfulNamespaces } from './rightful-namespace.ts'

/** What judging a name asks of a graph. */
export class HostIndex {
  readonly rightful: RightfulNamespaces
  readonly #graph: Graph
  readonly #nodes: ReadonlyMap<string, NamespaceNode>

  constructor(graph: Graph) {
    this.rightful = new RightfulNamespaces(graph)
    this.#graph = graph
    this.#nodes = new Map(graph.namespaces.map((node) => [node.inode, node]))
  }

  /** The namespace with this inode. */
  node(inode: string): NamespaceNode | undefined {
    return this.#nodes.get(inode)
  }

  /** A namespace in a sentence: `docker:web (namespace 4026532373)`. */
  label(inode: string): string {
    const node = this.node(inode)
    return node === undefined ? `namespace ${inode}` : `${namespaceLabel(node)} (namespace ${inode})`
  }

  /** Interfaces of a namespace. */
  interfacesOf(inode: string): InterfaceNode[] {
    return this.#graph.interfaces.filter((link) => link.namespace === inode)
  }
}
