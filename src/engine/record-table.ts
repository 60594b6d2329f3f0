/** Records of one kind by id, and by whatever else they are asked for. */

/** For each index the keys under which a record is found in it. */
type Indexes<R> = Readonly<Record<string, (record: R) => readonly string[]>>

/** A table with indexes. Records are values: a changed one is put anew. */
export class RecordTable<R extends { readonly id: string }> {
  readonly #records = new Map<string, R>()
  readonly #keysOf: Indexes<R>
  readonly #indexes = new Map<string, Map<string, Set<string>>>()

  constructor(indexes: Indexes<R>) {
    this.#keysOf = indexes
    for (const index of Object.keys(indexes)) this.#indexes.set(index, new Map())
  }

  get(id: string): R | undefined {
    return this.#records.get(id)
  }

  /** All records, in the order in which they were first put. */
  all(): R[] {
    return [...this.#records.values()]
  }

  /** Records whose id begins with `prefix`. */
  beginningWith(prefix: string): R[] {
    const out: R[] = []
    for (const [id, record] of this.#records) if (id.startsWith(prefix)) out.push(record)
    return out
  }

  /** Records under a key of an index, in the order in which they were put there. */
  by(index: string, key: string): R[] {
    const ids = this.#indexes.get(index)?.get(key)
    return ids === undefined ? [] : [...ids].map((id) => this.#records.get(id)!)
  }

  put(record: R): void {
    const before = this.#records.get(record.id)
    for (const [index, keysOf] of Object.entries(this.#keysOf)) {
      const keys = keysOf(record)
      const former = before === undefined ? [] : keysOf(before)
      for (const key of former) if (!keys.includes(key)) this.#unindex(index, key, record.id)
      for (const key of keys) if (!former.includes(key)) this.#index(index, key, record.id)
    }
    this.#records.set(record.id, record)
  }

  remove(id: string): void {
    const record = this.#records.get(id)
    if (record === undefined) return
    for (const [index, keysOf] of Object.entries(this.#keysOf)) {
      for (const key of keysOf(record)) this.#unindex(index, key, id)
    }
    this.#records.delete(id)
  }

  #index(index: string, key: string, id: string): void {
    const keys = this.#indexes.get(index)!
    const ids = keys.get(key)
    if (ids === undefined) keys.set(key, new Set([id]))
    else ids.add(id)
  }

  #unindex(index: string, key: string, id: string): void {
    const keys = this.#indexes.get(index)!
    const ids = keys.get(key)
    ids?.delete(id)
    if (ids?.size === 0) keys.delete(key)
  }
}
