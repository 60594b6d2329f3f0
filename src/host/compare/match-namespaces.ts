/** Which namespace of an earlier graph is which of a later one. */
import type { Graph, NamespaceNode } from '../graph.ts'

/** A namespace at both moments. */
export interface NamespacePair {
  readonly before: NamespaceNode
  readonly after: NamespaceNode
  /** The owner or name is the same, the namespace is not: a container was restarted, a name made anew. */
  readonly replaced: boolean
}

/** All namespaces of two graphs, matched. */
export interface NamespaceMatch {
  readonly pairs: readonly NamespacePair[]
  readonly vanished: readonly NamespaceNode[]
  readonly appeared: readonly NamespaceNode[]
}

/** Nothing speaks against two namespaces with the same key being one. */
type Fits = (before: NamespaceNode, after: NamespaceNode) => boolean

/**
 * Matches the namespaces of two graphs: by the kernel's id where both have one, else by inode when owner or name do not
 * speak against it (the kernel gives inodes anew), and what is left by owner and by name.
 */
export function matchNamespaces(before: Graph, after: Graph): NamespaceMatch {
  const left = new Set(before.namespaces)
  const right = new Set(after.namespaces)
  const pairs: NamespacePair[] = []
  const pairUp = (replaced: boolean, keysOf: (node: NamespaceNode) => readonly string[], fits: Fits = () => true) => {
    const byKey = new Map<string, NamespaceNode>()
    for (const node of right) for (const key of keysOf(node)) if (!byKey.has(key)) byKey.set(key, node)
    for (const earlier of [...left]) {
      const later = keysOf(earlier)
        .map((key) => byKey.get(key))
        .find((node) => node !== undefined && right.has(node))
      if (later === undefined || !fits(earlier, later)) continue
      left.delete(earlier)
      right.delete(later)
      pairs.push({ before: earlier, after: later, replaced })
    }
  }
  pairUp(false, (node) => (node.role === 'host' ? ['host'] : []))
  pairUp(false, (node) => (node.id === null ? [] : [node.id]))
  pairUp(false, (node) => [node.inode], mayBeSame)
  pairUp(true, (node) => ownerKeys(node, 'id'))
  pairUp(true, (node) => ownerKeys(node, 'name'))
  pairUp(true, (node) => node.names)
  return { pairs, vanished: [...left], appeared: [...right] }
}

/** Of two namespaces with one inode: no kernel id says otherwise, and they share an owner or a name, or have neither. */
function mayBeSame(before: NamespaceNode, after: NamespaceNode): boolean {
  if (before.id !== null && after.id !== null) return before.id === after.id
  const marks = new Set([...ownerKeys(before, 'id'), ...before.names])
  const others = [...ownerKeys(after, 'id'), ...after.names]
  return others.some((mark) => marks.has(mark)) || (marks.size === 0 && others.length === 0)
}

/** Processes come and go under other numbers: what a process owns is told apart by nothing. */
function ownerKeys(node: NamespaceNode, field: 'id' | 'name'): string[] {
  const owners = node.owners.filter((owner) => owner.runtime !== 'process')
  return owners.map((owner) => JSON.stringify([owner.runtime, owner[field], node.role]))
}
