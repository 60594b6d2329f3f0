import { expect, test } from 'vitest'
import { MessageCount } from './message-count.ts'

test('a message is lost when it has not come in time, and no sooner', () => {
  const count = new MessageCount(500)
  count.send(10, 0)
  for (let number = 0; number < 8; number++) count.receive(number, 100, 50)
  expect(count.take(400)).toMatchObject({ sent: 10, received: 8, lost: 0 })
  expect(count.take(600)).toMatchObject({ lost: 2 })
})

test('one that was given up and comes after all is taken back', () => {
  const count = new MessageCount(500)
  count.send(2, 0)
  count.receive(0, 1, 1)
  expect(count.take(1000).lost).toBe(1)
  count.receive(1, 1, 1)
  expect(count.take(1000)).toMatchObject({ lost: 0, received: 2 })
})

test('copies count once, and order is watched', () => {
  const count = new MessageCount(500)
  count.send(3, 0)
  for (const number of [0, 2, 1, 1, 77]) count.receive(number, 10, 5)
  expect(count.take(0)).toMatchObject({ received: 3, outOfOrder: 1, bytes: 30 })
})

test('times are those of the messages since the last look', () => {
  const count = new MessageCount(500)
  count.send(3, 0)
  count.receive(0, 1, 10)
  count.receive(1, 1, 30)
  expect(count.take(0).latency).toEqual({ least: 10, mean: 20, most: 30 })
  expect(count.take(0).latency).toBeNull()
})

test('losses are found also among more messages than are remembered', () => {
  const count = new MessageCount(500)
  for (let number = 0; number < 20_000; number++) {
    count.send(1, number)
    if (number % 2 === 0) count.receive(number, 1, 1)
  }
  expect(count.take(Number.POSITIVE_INFINITY)).toMatchObject({ sent: 20_000, received: 10_000, lost: 10_000 })
})
