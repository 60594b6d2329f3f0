/** Which interface of an earlier graph is which of a later one. */
import type { Graph, InterfaceNode } from '../graph.ts'
import type { NamespacePair } from './match-namespaces.ts'

/** An interface at both moments. */
export interface InterfacePair {
  readonly before: InterfaceNode
  readonly after: InterfaceNode
  /** Same name and kind in the same namespace, but another interface. */
  readonly replaced: boolean
}

/** All interfaces of two graphs, matched. */
export interface InterfaceMatch {
  readonly pairs: readonly InterfacePair[]
  readonly removed: readonly InterfaceNode[]
  readonly added: readonly InterfaceNode[]
  /** Later id by earlier id. */
  readonly later: ReadonlyMap<string, string>
}

/**
 * Matches interfaces: within a namespace by index and what identifies a device, then by name; across namespaces by MAC
 * address and kind, where only one has them.
 */
export function matchInterfaces(before: Graph, after: Graph, namespaces: readonly NamespacePair[]): InterfaceMatch {
  const matching = new Matching(before, after, namespaces)
  matching.pairUp(false, (node, place) => (node.mac === null ? undefined : [place, node.kind, node.index, node.mac]))
  matching.pairUp(false, (node, place) => [place, node.kind, node.index, node.name])
  matching.pairUp(true, (node, place) => [place, node.kind, node.name])
  matching.pairUp(false, (node) => (node.mac === null ? undefined : [node.kind, node.mac]))
  return matching.result()
}

/** What two interfaces must have in common; undefined for one that has no such thing. */
type KeyOf = (node: InterfaceNode, place: string) => readonly unknown[] | undefined

class Matching {
  readonly #before: Set<InterfaceNode>
  readonly #after: Set<InterfaceNode>
  readonly #pairs: InterfacePair[] = []
  /** The later inode of an earlier namespace. */
  readonly #places: ReadonlyMap<string, string>

  constructor(before: Graph, after: Graph, namespaces: readonly NamespacePair[]) {
    this.#before = new Set(before.interfaces)
    this.#after = new Set(after.interfaces)
    this.#places = new Map(namespaces.map((pair) => [pair.before.inode, pair.after.inode]))
  }

  /** Pairs interfaces whose key occurs once on each side. */
  pairUp(replaced: boolean, keyOf: KeyOf): void {
    // The mark keeps an earlier namespace that vanished apart from a later one that got its inode.
    const earlier = singles(this.#before, (node) =>
      keyOf(node, this.#places.get(node.namespace) ?? `gone ${node.namespace}`),
    )
    const later = singles(this.#after, (node) => keyOf(node, node.namespace))
    for (const [key, before] of earlier) {
      const after = later.get(key)
      if (before === undefined || after === undefined) continue
      this.#before.delete(before)
      this.#after.delete(after)
      this.#pairs.push({ before, after, replaced })
    }
  }

  result(): InterfaceMatch {
    return {
      pairs: this.#pairs,
      removed: [...this.#before],
      added: [...this.#after],
      later: new Map(this.#pairs.map((pair) => [pair.before.id, pair.after.id])),
    }
  }
}

/** Interfaces by key; undefined under a key that several have. */
function singles(
  nodes: Iterable<InterfaceNode>,
  keyOf: (node: InterfaceNode) => readonly unknown[] | undefined,
): Map<string, InterfaceNode | undefined> {
  const found = new Map<string, InterfaceNode | undefined>()
  for (const node of nodes) {
    const parts = keyOf(node)
    if (parts === undefined) continue
    const key = JSON.stringify(parts)
    found.set(key, found.has(key) ? undefined : node)
  }
  return found
}
