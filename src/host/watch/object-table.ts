/**
 * The state of one kind of object in one namespace, and the changes that announcements and dumps make to it. The kernel
 * announces an object again when nothing that people see has changed, and a dump repeats what was announced while it was
 * taken: only a difference is a change.
 */

/** What people see of an object; plain values, so that two can be compared. */
export type View = Readonly<Record<string, unknown>>

/** How to see a kind of object. */
export interface Lens<T> {
  /** Tells objects of this kind apart within a namespace; undefined for those that are not watched. */
  key(value: T): string | undefined
  view(value: T): View
}

/** A difference. */
export type Difference =
  | { readonly action: 'added'; readonly before: null; readonly after: View }
  | { readonly action: 'changed'; readonly before: View; readonly after: View }
  | { readonly action: 'removed'; readonly before: View; readonly after: null }

/** The objects of one kind in one namespace. */
export class ObjectTable<T> {
  readonly #lens: Lens<T>
  readonly #views = new Map<string, View>()

  constructor(lens: Lens<T>) {
    this.#lens = lens
  }

  /** An object was announced, or read. */
  put(value: T): Difference | undefined {
    const key = this.#lens.key(value)
    if (key === undefined) return undefined
    const after = this.#lens.view(value)
    const before = this.#views.get(key)
    if (before !== undefined && same(before, after)) return undefined
    this.#views.set(key, after)
    return before === undefined ? { action: 'added', before: null, after } : { action: 'changed', before, after }
  }

  /** An object was announced as gone. */
  remove(value: T): Difference | undefined {
    const key = this.#lens.key(value)
    const before = key === undefined ? undefined : this.#views.get(key)
    if (key === undefined || before === undefined) return undefined
    this.#views.delete(key)
    return { action: 'removed', before, after: null }
  }

  /** Everything there is was read: what is new or different, and what is missing, has changed. */
  replace(values: readonly T[]): Difference[] {
    const differences: Difference[] = []
    const present = new Set<string>()
    for (const value of values) {
      const key = this.#lens.key(value)
      if (key !== undefined) present.add(key)
      const difference = this.put(value)
      if (difference !== undefined) differences.push(difference)
    }
    for (const [key, before] of this.#views) {
      if (present.has(key)) continue
      this.#views.delete(key)
      differences.push({ action: 'removed', before, after: null })
    }
    return differences
  }

  /** Something that views mention is called otherwise now: no change of the objects themselves. */
  revise(revised: (view: View) => View): void {
    for (const [key, view] of this.#views) this.#views.set(key, revised(view))
  }

  /** Everything there is, as if it had just come. */
  all(): Difference[] {
    return [...this.#views.values()].map((after) => ({ action: 'added', before: null, after }))
  }

  /** The namespace is gone, and everything with it. */
  clear(): Difference[] {
    return this.replace([])
  }
}

function same(a: View, b: View): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
