import { expect, test } from 'vitest'
import { EventLog } from './event-log.ts'

const filled = (count: number, capacity = 10): EventLog<number> => {
  const log = new EventLog<number>('run', capacity)
  for (let i = 1; i <= count; i++) log.append(i)
  return log
}
const missed = (log: EventLog<number>, id: string) => log.after(id).missed.map(({ event }) => event)

test('what came after an event is told, oldest first', () => {
  expect(missed(filled(5), 'run.2')).toEqual([3, 4, 5])
  expect(missed(filled(5), 'run.5')).toEqual([])
  expect(missed(filled(5), 'run.0')).toEqual([1, 2, 3, 4, 5])
})

test('the last id is one to go on from, also before the first event', () => {
  const log = filled(0)
  const { lastId } = log
  log.append(1)
  expect(log.after(lastId)).toEqual({ missed: [{ id: 'run.1', event: 1 }], incomplete: false })
})

test('only the last events are kept, and who is behind them is told so', () => {
  const log = filled(25)
  expect(missed(log, 'run.15')).toHaveLength(10)
  expect(log.after('run.14')).toEqual({ missed: [], incomplete: true })
})

test.each(['other.3', 'run.26', 'run.', 'run', '', '.3', 'run.-1', 'run.1e1', 'run.99999999999999999999'])(
  'the id %j is none of ours',
  (id) => {
    expect(filled(25).after(id)).toEqual({ missed: [], incomplete: true })
  },
)

test('readers hear every event until they leave', () => {
  const log = filled(1)
  const heard: string[] = []
  const stop = log.follow(({ id }) => heard.push(id))
  log.append(2)
  stop()
  log.append(3)
  expect(heard).toEqual(['run.2'])
  expect(log.readers).toBe(0)
})
