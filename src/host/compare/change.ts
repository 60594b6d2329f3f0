/** What a comparison of two graphs says. */
import type { Graph } from '../graph.ts'
import { type GraphIndex, indexGraph } from '../pictures/graph-index.ts'
import { namespaceTitles } from '../pictures/titles.ts'

/** What happened. */
export type ChangeKind =
  | 'namespace-appeared'
  | 'namespace-vanished'
  /** The same container (or name), but a new namespace. */
  | 'namespace-replaced'
  | 'namespace-renamed'
  | 'namespace-processes'
  | 'interface-added'
  | 'interface-removed'
  /** Deleted and made again under the same name. */
  | 'interface-replaced'
  | 'interface-renamed'
  | 'interface-moved'
  | 'interface-up'
  | 'interface-down'
  | 'carrier'
  | 'mtu'
  | 'mac'
  | 'address-added'
  | 'address-removed'
  | 'master'
  | 'setting'
  | 'link-added'
  | 'link-removed'
  | 'tunnel-end-added'
  | 'tunnel-end-removed'
  | 'tunnel-end-entries'
  | 'network-appeared'
  | 'network-vanished'
  | 'network-changed'
  | 'member-joined'
  | 'member-left'

/** One thing that is not as it was. */
export interface GraphChange {
  readonly kind: ChangeKind
  /** Inode of the namespace that it concerns, in the later graph (in the earlier when it vanished); null for a network. */
  readonly namespace: string | null
  /** What that namespace, or the network, is called. */
  readonly title: string
  /** Name of the interface that it concerns, as it is now; null when it concerns none. */
  readonly interface: string | null
  /** What happened, in words, without the namespace's name. Parts come from outside: escape it where it is shown. */
  readonly summary: string
  /** What was, and what is; null where there is nothing. */
  readonly before: string | number | boolean | null
  readonly after: string | number | boolean | null
}

/** A graph as a comparison uses it. */
export interface Moment {
  readonly graph: Graph
  readonly index: GraphIndex
  readonly titles: ReadonlyMap<string, string>
}

/** Prepares a graph for comparison. */
export function momentOf(graph: Graph): Moment {
  return { graph, index: indexGraph(graph), titles: namespaceTitles(graph.namespaces) }
}

/** What an interface is called within sentences about a namespace: with its namespace when that is another one. */
export function interfaceWords(moment: Moment, id: string, inode: string | null): string {
  const node = moment.index.interfaces.get(id)
  if (node === undefined) return `interface ${id}`
  return node.namespace === inode ? node.name : `${node.name} of ${titleOf(moment, node.namespace)}`
}

/** What a namespace is called. */
export function titleOf(moment: Moment, inode: string): string {
  return moment.titles.get(inode) ?? `namespace ${inode}`
}
