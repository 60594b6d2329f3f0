/** What every store promises, as tests. */
import { describe, expect, test } from 'vitest'
import type { Store } from './store.ts'

/** Runs the contract against stores that `open` makes; each is empty. */
export function storeContract(name: string, open: () => Store): void {
  describe(`${name} as a store`, () => {
    const withStore = async (work: (store: Store) => void): Promise<void> => {
      const store = open()
      try {
        work(store)
      } finally {
        await store.close()
      }
    }

    test('gives back what was put, as a value of its own', () =>
      withStore((store) => {
        const value = { labels: { a: 'ä\u0000' }, list: [1, null] }
        store.transact((writer) => writer.put('network', 'n1', value))
        value.list.push(2)
        expect(store.get('network', 'n1')).toEqual({ labels: { a: 'ä\u0000' }, list: [1, null] })
        expect(store.get('network', 'n2')).toBeUndefined()
        expect(store.get('endpoint', 'n1')).toBeUndefined()
      }))

    test('lists a kind by the beginning of its ids, in their order, and no other kind', () =>
      withStore((store) => {
        store.transact((writer) => {
          for (const id of ['b', 'ab', 'a', 'ac/1']) writer.put('pool', id, id.length)
          writer.put('driver/pool', 'a', 0)
          writer.put('driver/p', 'ool', 0)
        })
        expect(store.list('pool').map(({ id }) => id)).toEqual(['a', 'ab', 'ac/1', 'b'])
        expect(store.list('pool', 'a')).toEqual([
          { id: 'a', value: 1 },
          { id: 'ab', value: 2 },
          { id: 'ac/1', value: 4 },
        ])
        expect(store.list('driver/p')).toHaveLength(1)
      }))

    test('lists long ids with short ones', () =>
      withStore((store) => {
        const ids = ['0'.repeat(20), '5'.repeat(64), 'ff', 'f'.repeat(200)]
        store.transact((writer) => {
          for (const id of ids) writer.put('sandbox', id, id)
        })
        expect(store.list('sandbox').map(({ id }) => id)).toEqual(ids.toSorted())
        expect(store.list('sandbox', '5'.repeat(63))).toHaveLength(1)
      }))

    test('keeps nothing of a transaction that throws', () =>
      withStore((store) => {
        store.transact((writer) => writer.put('network', 'old', 1))
        const work = (): void =>
          store.transact((writer) => {
            writer.put('network', 'new', 2)
            writer.put('network', 'old', 3)
            writer.remove('network', 'old')
            throw new Error('second thoughts')
          })
        expect(work).toThrow('second thoughts')
        expect(store.list('network')).toEqual([{ id: 'old', value: 1 }])
      }))

    test('reads within a transaction see its writes', () =>
      withStore((store) => {
        const seen = store.transact((writer) => {
          writer.put('lease', 'x', 1)
          writer.put('lease', 'y', 2)
          writer.remove('lease', 'x')
          return [writer.get('lease', 'x'), writer.get('lease', 'y'), writer.list('lease').length]
        })
        expect(seen).toEqual([undefined, 2, 1])
      }))

    test('removing what is not there does nothing', () =>
      withStore((store) => {
        store.transact((writer) => writer.remove('network', 'none'))
        expect(store.list('network')).toEqual([])
      }))
  })
}
