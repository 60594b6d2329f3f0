/** Locks by name: holders of one name follow each other in the order in which they asked; different names know nothing of each other. */

/** Locks by name. */
export class KeyedLock<Name extends string = string> {
  readonly #tails = new Map<Name, Promise<void>>()

  /** Runs `work` as the only holder of `name`. */
  async hold<T>(name: Name, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(name)
    let release!: () => void
    const tail = new Promise<void>((resolve) => {
      release = resolve
    })
    this.#tails.set(name, tail)
    if (before !== undefined) await before
    try {
      return await work()
    } finally {
      if (this.#tails.get(name) === tail) this.#tails.delete(name)
      release()
    }
  }

  /** Settles when nobody holds or waits for anything, also not for what was asked for meanwhile. */
  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values())
  }
}
