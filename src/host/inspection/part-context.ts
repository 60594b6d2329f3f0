/** What the parts of an inspection share. */
import type { Namespace, NetlinkSocket } from '../../kernel/index.ts'
import type { Graph, NamespaceNode } from '../graph.ts'

/** A namespace that is being inspected. */
export interface PartContext {
  readonly namespace: Namespace
  readonly node: NamespaceNode
  readonly graph: Graph
  /** An rtnetlink socket in it. */
  readonly route: NetlinkSocket
  /** Name of the interface with an index; the index itself for one that has gone. */
  readonly interfaceName: (index: number) => string
}
