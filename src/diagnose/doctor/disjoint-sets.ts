/** Sets that only grow together: which things are joined, directly or through others. */

/** Disjoint sets of words. */
export class DisjointSets {
  readonly #parents = new Map<string, string>()

  /** The word that stands for the set that `word` is in. */
  find(word: string): string {
    let root = word
    for (let parent = this.#parents.get(root); parent !== undefined; parent = this.#parents.get(root)) root = parent
    // Later look-ups of everything on this way take one step.
    for (let at = word; at !== root; ) {
      const next = this.#parents.get(at)!
      this.#parents.set(at, root)
      at = next
    }
    return root
  }

  /** Makes one set of two. */
  join(a: string, b: string): void {
    const [rootA, rootB] = [this.find(a), this.find(b)]
    if (rootA !== rootB) this.#parents.set(rootA, rootB)
  }
}
