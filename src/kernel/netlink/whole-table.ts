/** Questions for whole tables, of which there are a handful, asked in every namespace of the host. */
import type { Query } from './socket.ts'

/**
 * Remembers what `ask` makes for each key, marked as constant, so that it is made and encoded once.
 * @param ask the question for a key; keys are families or kinds of table, few by nature
 */
export function wholeTable<K, T, R>(ask: (key: K) => Query<T, R>): (key: K) => Query<T, R> {
  const made = new Map<K, Query<T, R>>()
  return (key) => {
    const known = made.get(key)
    if (known !== undefined) return known
    const query = { ...ask(key), constant: true }
    made.set(key, query)
    return query
  }
}
