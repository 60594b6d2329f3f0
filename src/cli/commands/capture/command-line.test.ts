import { describe, expect, test } from 'vitest'
import { UsageError } from '../../command.ts'
import { readBitRate, readCount, readSize, readTime } from './quantities.ts'
import { targetsAndFilter } from './targets-and-filter.ts'

const namespaces = new Set(['web', 'db', 'tcp', 'host'])
const split = (line: string) => targetsAndFilter(line.split(' '), (word) => namespaces.has(word))

describe('targets and filter', () => {
  test.each([
    ['web', ['web'], undefined],
    ['docker:web ns:blue', ['docker:web', 'ns:blue'], undefined],
    ['web db port 80', ['web', 'db'], 'port 80'],
    ['web host 10.0.0.1', ['web'], 'host 10.0.0.1'],
    ['host tcp port 80', ['host'], 'tcp port 80'],
    ['web arp or port 53', ['web'], 'arp or port 53'],
    ['web 10.0.0.1', ['web'], '10.0.0.1'],
    ['host docker:web icmp', ['host', 'docker:web'], 'icmp'],
  ] as const)('%s', (line, targets, filter) => {
    expect(split(line)).toEqual({ targets, filter })
  })
})

describe('quantities', () => {
  test('sizes, rates and times have units', () => {
    expect([readSize('-x', '500k'), readSize('-x', '1.5M'), readSize('-x', '2GiB'), readSize('-x', '10')]).toEqual([
      500_000,
      1_500_000,
      2 ** 31,
      10,
    ])
    expect(readBitRate('-x', '10M')).toBe(10_000_000)
    expect([readTime('-x', '10'), readTime('-x', '10s'), readTime('-x', '250ms'), readTime('-x', '2m')]).toEqual([
      10_000, 10_000, 250, 120_000,
    ])
    expect(readCount('-x', '7')).toBe(7)
  })

  test.each(['', '0', '-1', 'x', '1x', '1e3', 'Infinity', '99999999999G'])('%j is none', (text) => {
    expect(() => readSize('--max-size', text)).toThrow(UsageError)
  })

  test('a time that Node cannot wait for is refused', () => {
    expect(() => readTime('--duration', '1000h')).toThrow(UsageError)
  })
})
