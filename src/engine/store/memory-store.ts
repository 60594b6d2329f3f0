/** A store that forgets: for tests, and for engines whose networks need not outlive them. */
import type { RecordKind, Store, StoreWriter } from './store.ts'

/** Records in memory. What is put in and taken out are copies, as they are with a store on disk. */
export class MemoryStore implements Store {
  readonly #records = new Map<string, string>()

  get<T>(kind: RecordKind, id: string): T | undefined {
    const text = this.#records.get(keyOf(kind, id))
    return text === undefined ? undefined : JSON.parse(text)
  }

  list<T>(kind: RecordKind, prefix = ''): { readonly id: string; readonly value: T }[] {
    const start = keyOf(kind, prefix)
    const ids = [...this.#records.keys()].filter((key) => key.startsWith(start)).sort(byBytes)
    return ids.map((key) => ({ id: key.slice(kind.length + 1), value: JSON.parse(this.#records.get(key)!) }))
  }

  transact<T>(change: (writer: StoreWriter) => T): T {
    const before = new Map<string, string | undefined>()
    const write = (key: string, text: string | undefined): void => {
      if (!before.has(key)) before.set(key, this.#records.get(key))
      if (text === undefined) this.#records.delete(key)
      else this.#records.set(key, text)
    }
    try {
      return change({
        get: (kind, id) => this.get(kind, id),
        list: (kind, prefix) => this.list(kind, prefix),
        put: (kind, id, value) => write(keyOf(kind, id), JSON.stringify(value)),
        remove: (kind, id) => write(keyOf(kind, id), undefined),
      })
    } catch (error) {
      for (const [key, text] of before) {
        if (text === undefined) this.#records.delete(key)
        else this.#records.set(key, text)
      }
      throw error
    }
  }

  async close(): Promise<void> {}
}

/** No kind holds a space, so no kind's keys begin with another's. */
function keyOf(kind: RecordKind, id: string): string {
  return `${kind} ${id}`
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}
