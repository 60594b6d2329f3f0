import { expect, test } from 'vitest'
import { TargetRecord } from './target-record.ts'

/** A record whose requests were sent a millisecond of the real-time clock apart. */
function sent(count: number): TargetRecord {
  const record = new TargetRecord({ label: 'web', address: '10.0.0.1' })
  for (let sequence = 1; sequence <= count; sequence++) {
    record.begin(sequence)
    record.sent(sequence, sequence * 1000)
  }
  return record
}

test('an answer that a later one has overtaken is late, and a second one is a duplicate', () => {
  const record = sent(3)
  expect(record.answered(3, 3000)).toMatchObject({ sequence: 3, late: false })
  expect(record.answered(1, 1000)).toMatchObject({ sequence: 1, late: true })
  expect(record.answered(3, 3000)).toMatchObject({ sequence: 3, duplicate: true })
  expect(record.statistics()).toMatchObject({ sent: 3, received: 2, duplicates: 1, late: 1, lost: 0 })
  expect(record.giveUp(Number.POSITIVE_INFINITY)).toEqual([2])
  // Too late: it was counted as lost.
  expect(record.answered(2, 2000)).toBeUndefined()
  expect(record.statistics()).toMatchObject({ received: 2, lost: 1 })
})

test('a clock that was set does not make an answer come before its question, or a day after', () => {
  for (const received of [-5_000_000, 86_400_000_000]) {
    const record = sent(1)
    const reply = record.answered(1, received)!
    expect(reply.milliseconds).toBeGreaterThanOrEqual(0)
    expect(reply.milliseconds).toBeLessThan(1000)
  }
})

test('sequence numbers begin again after 65,536, and little is remembered', () => {
  const record = new TargetRecord({ label: 'web', address: '10.0.0.1' })
  for (let sequence = 1; sequence <= 70_000; sequence++) {
    record.begin(sequence)
    record.sent(sequence, sequence)
    expect(record.answered(sequence % 65_536, sequence)?.sequence).toBe(sequence)
  }
  expect(record.statistics()).toMatchObject({ sent: 70_000, received: 70_000, duplicates: 0 })
  expect(record.answered(5, 0)).toBeUndefined()
})

test('percentiles', () => {
  const record = sent(100)
  for (let sequence = 1; sequence <= 100; sequence++) record.answered(sequence, sequence * 1000)
  const { p50, p99, maximum } = record.statistics().roundTrip!
  expect(p50).toBeLessThanOrEqual(p99)
  expect(p99).toBeLessThanOrEqual(maximum)
})
