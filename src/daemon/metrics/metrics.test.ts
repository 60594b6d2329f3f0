import { expect, test } from 'vitest'
import { Metrics } from './metrics.ts'

test('counters add up for each combination of labels', () => {
  const metrics = new Metrics()
  const requests = metrics.counter('requests', 'Requests.')
  requests.add({ method: 'GET' })
  requests.add({ method: 'GET' }, 2)
  requests.add({ method: 'POST' })
  expect(metrics.exposition()).toBe(`# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{method="GET"} 3
requests_total{method="POST"} 1
`)
})

test('gauges are read when somebody asks', () => {
  const metrics = new Metrics()
  let value = 1
  metrics.gauge('things', 'Things.', () => [[{}, value]])
  value = 7
  expect(metrics.exposition()).toContain('\nthings 7\n')
})

test('the buckets of a histogram hold all that is below them', () => {
  const metrics = new Metrics()
  const durations = metrics.histogram('seconds', 'How long.')
  for (const seconds of [0.0001, 0.003, 0.003, 100]) durations.observe({}, seconds)
  const text = metrics.exposition()
  expect(text).toContain('seconds_bucket{le="0.0005"} 1\n')
  expect(text).toContain('seconds_bucket{le="0.005"} 3\n')
  expect(text).toContain('seconds_bucket{le="10"} 3\n')
  expect(text).toContain('seconds_bucket{le="+Inf"} 4\n')
  expect(text).toContain('seconds_count 4\n')
})

test('values of labels cannot break out of their quotes', () => {
  const metrics = new Metrics()
  metrics.counter('c', 'Back\\slash and\nline.').add({ name: 'a"b\\c\nd' })
  expect(metrics.exposition()).toContain('# HELP c_total Back\\\\slash and\\nline.\n')
  expect(metrics.exposition()).toContain('c_total{name="a\\"b\\\\c\\nd"} 1\n')
})

test('labels that come from outside cannot fill the memory', () => {
  const metrics = new Metrics()
  const counter = metrics.counter('c', 'C.')
  for (let i = 0; i < 2000; i++) counter.add({ name: String(i) })
  expect(metrics.exposition().split('\n').length).toBeLessThan(1010)
  expect(metrics.exposition()).toContain('c_total{other="true"} 1000\n')
})
