/**
 * What the engine remembers: records by kind and id, and a journal of the steps that are under way. All writes of one
 * transaction appear together or not at all, also when the process is killed in the middle.
 */

/** Kinds of record. A driver keeps its own under `driver/<name>`. */
export type RecordKind = 'network' | 'endpoint' | 'sandbox' | 'pool' | 'lease' | 'step' | `driver/${string}`

/** Reads see the state at the time of the call. */
export interface StoreReader {
  get<T>(kind: RecordKind, id: string): T | undefined
  /** All records of a kind whose id begins with `prefix`, in the order of their ids. */
  list<T>(kind: RecordKind, prefix?: string): { readonly id: string; readonly value: T }[]
}

/** A transaction. */
export interface StoreWriter extends StoreReader {
  put<T>(kind: RecordKind, id: string, value: T): void
  remove(kind: RecordKind, id: string): void
}

/** An open store. */
export interface Store extends StoreReader {
  /** Runs `change` and keeps all its writes, or none when it throws. Durable against the death of the process on return. */
  transact<T>(change: (writer: StoreWriter) => T): T
  close(): Promise<void>
}
