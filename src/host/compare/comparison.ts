/** Two graphs, and what of the one is what of the other. */
import type { Graph } from '../graph.ts'
import { type Moment, momentOf } from './change.ts'
import { type InterfaceMatch, matchInterfaces } from './match-interfaces.ts'
import { matchNamespaces, type NamespaceMatch } from './match-namespaces.ts'

/** What all comparisons look things up in. */
export interface Comparison {
  readonly before: Moment
  readonly after: Moment
  readonly namespaces: NamespaceMatch
  readonly interfaces: InterfaceMatch
  /** Inode in the later graph of a namespace of the earlier one, when it is there still. */
  readonly laterInode: ReadonlyMap<string, string>
  /** Inodes in the later graph of namespaces that took the place of another. */
  readonly replacedNamespaces: ReadonlySet<string>
}

/** Matches two graphs. */
export function prepareComparison(before: Graph, after: Graph): Comparison {
  const namespaces = matchNamespaces(before, after)
  return {
    before: momentOf(before),
    after: momentOf(after),
    namespaces,
    interfaces: matchInterfaces(before, after, namespaces.pairs),
    replacedNamespaces: new Set(namespaces.pairs.filter((pair) => pair.replaced).map((pair) => pair.after.inode)),
    laterInode: new Map(namespaces.pairs.map((pair) => [pair.before.inode, pair.after.inode])),
  }
}

/** Where a change of an earlier interface is told: its namespace as it is called now, or as it was called. */
export function placeOfEarlier({ before, after, laterInode }: Comparison, inode: string): Place {
  const later = laterInode.get(inode)
  if (later !== undefined) return placeOfLater(after, later)
  return { namespace: inode, title: before.titles.get(inode) ?? `namespace ${inode}` }
}

/** Where a change of a later interface is told. */
export function placeOfLater(after: Moment, inode: string): Place {
  return { namespace: inode, title: after.titles.get(inode) ?? `namespace ${inode}` }
}

/** The namespace under which a change is told. */
export interface Place {
  readonly namespace: string
  readonly title: string
}
