import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TimeOrder } from './time-order.ts'

test('items of several sources come in the order of time, and the youngest are held back', () => {
  const order = new TimeOrder<string>(2)
  order.push(0, 10, 'a10')
  order.push(0, 30, 'a30')
  order.push(1, 20, 'b20')
  order.push(1, 40, 'b40')
  const given: string[] = []
  order.release(30, (item) => given.push(item))
  expect(given).toEqual(['a10', 'b20', 'a30'])
  order.push(0, 35, 'a35')
  order.release(Number.POSITIVE_INFINITY, (item) => given.push(item))
  expect(given).toEqual(['a10', 'b20', 'a30', 'a35', 'b40'])
  expect(order.waiting).toBe(0)
})

test('nothing is lost, also when a source is out of order itself', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(100)), { maxLength: 60 }), fc.nat(100), (items, until) => {
      const order = new TimeOrder<number>(4)
      for (const [source, time] of items) order.push(source, time, time)
      const given: number[] = []
      order.release(until, (time) => given.push(time))
      expect(given).toEqual(given.toSorted((a, b) => a - b))
      expect(given.length).toBe(items.filter(([, time]) => time <= until).length)
      order.release(Number.POSITIVE_INFINITY, (time) => given.push(time))
      expect(given).toHaveLength(items.length)
    }),
  )
})
