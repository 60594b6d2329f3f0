import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ObjectTable } from './object-table.ts'

interface Thing {
  readonly name: string
  readonly size: number
}

const lens = { key: (thing: Thing) => thing.name, view: (thing: Thing) => ({ ...thing }) }

describe('a table of objects', () => {
  test('reports an object once when it comes, when it differs and when it goes', () => {
    const table = new ObjectTable<Thing>(lens)
    expect(table.put({ name: 'a', size: 1 })?.action).toBe('added')
    expect(table.put({ name: 'a', size: 1 })).toBeUndefined()
    expect(table.put({ name: 'a', size: 2 })).toEqual({
      action: 'changed',
      before: { name: 'a', size: 1 },
      after: { name: 'a', size: 2 },
    })
    expect(table.remove({ name: 'a', size: 2 })?.action).toBe('removed')
    expect(table.remove({ name: 'a', size: 2 })).toBeUndefined()
  })

  test('a dump reports what was missed meanwhile, in both directions', () => {
    const table = new ObjectTable<Thing>(lens)
    table.replace([
      { name: 'stays', size: 1 },
      { name: 'goes', size: 1 },
    ])
    const differences = table.replace([
      { name: 'stays', size: 1 },
      { name: 'comes', size: 1 },
    ])
    expect(differences.map(({ action, before, after }) => [action, (after ?? before)?.['name']])).toEqual([
      ['added', 'comes'],
      ['removed', 'goes'],
    ])
  })

  test('what was reported always adds up to what is there', () => {
    const thing = fc.record({ name: fc.constantFrom('a', 'b', 'c'), size: fc.nat(3) })
    const step = fc.oneof(
      fc.record({ kind: fc.constant('put' as const), value: thing }),
      fc.record({ kind: fc.constant('remove' as const), value: thing }),
      fc.record({ kind: fc.constant('replace' as const), values: fc.uniqueArray(thing, { selector: lens.key }) }),
    )
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const table = new ObjectTable<Thing>(lens)
        const truth = new Map<string, Thing>()
        const told = new Map<string, unknown>()
        for (const one of steps) {
          const differences =
            one.kind === 'replace'
              ? table.replace(one.values)
              : [one.kind === 'put' ? table.put(one.value) : table.remove(one.value)]
          if (one.kind === 'put') truth.set(one.value.name, one.value)
          if (one.kind === 'remove') truth.delete(one.value.name)
          if (one.kind === 'replace') {
            truth.clear()
            for (const value of one.values) truth.set(value.name, value)
          }
          for (const difference of differences) {
            if (difference === undefined) continue
            const name = String((difference.after ?? difference.before)?.['name'])
            if (difference.after === null) told.delete(name)
            else told.set(name, difference.after)
          }
        }
        expect(Object.fromEntries(told)).toEqual(Object.fromEntries(truth))
      }),
    )
  })
})
