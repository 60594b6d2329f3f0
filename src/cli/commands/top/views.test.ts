import { describe, expect, test } from 'vitest'
import type { TopReport } from '../../../probe/index.ts'
import { columnsOf } from '../../frame/text.ts'
import { keysOf } from './screen.ts'
import { fitted, viewTable } from './views.ts'

const idle = { receivedBitsPerSecond: 0, sentBitsPerSecond: 0 }
const rest = { connections: 0, cpuPercent: null, memoryBytes: null, memoryLimitBytes: null }
const report: TopReport = {
  schema: 'netwright/top/v1',
  time: '2026-01-01T00:00:00.000Z',
  milliseconds: 1000,
  namespaces: [
    { namespace: 'ns:quiet', inode: '1', ...idle, ...rest },
    {
      namespace: 'docker:web',
      inode: '2',
      receivedBitsPerSecond: 5e6,
      sentBitsPerSecond: 1e3,
      ...rest,
      cpuPercent: 12.5,
    },
    {
      namespace: `docker:${'long'.repeat(20)}\x1b[2J`,
      inode: '3',
      ...idle,
      sentBitsPerSecond: 7e6,
      ...rest,
      memoryBytes: 5e6,
    },
  ],
  links: [
    {
      namespace: 'docker:web',
      interface: 'eth0',
      ...idle,
      receivedPacketsPerSecond: 1,
      sentPacketsPerSecond: 2,
      lostPacketsPerSecond: 3,
    },
  ],
  connections: [],
}
const usual = { view: 'namespaces', order: 'traffic', reversed: false, columns: 80 } as const

describe('a table of what uses the network', () => {
  test('has the busiest first, fits into 80 columns, and escapes names', () => {
    const { title, lines } = viewTable(report, usual)
    for (const line of [title, ...lines]) expect(columnsOf(line)).toBe(80)
    expect(lines.map((line) => line.slice(0, 8))).toEqual(['docker:l', 'docker:w', 'ns:quiet'])
    expect(lines.join('')).not.toContain('\x1b')
    expect(lines[1]).toMatch(/5\.00 Mbit\/s +1\.00 kbit\/s +0 +12\.5 % +-$/)
  })

  test('is sorted as it is asked for, and turned round', () => {
    const names = (options: Parameters<typeof viewTable>[1]): string[] =>
      viewTable(report, options).lines.map((line) => line.slice(0, 8))
    expect(names({ ...usual, order: 'cpu' })[0]).toBe('docker:w')
    expect(names({ ...usual, order: 'memory' })[0]).toBe('docker:l')
    expect(names({ ...usual, order: 'name', reversed: true })[0]).toBe('ns:quiet')
  })

  test('tells of links what they carry and lose', () => {
    const [line] = viewTable(report, { ...usual, view: 'links' }).lines
    expect(line).toMatch(/^docker:web eth0 .* 1\/s +2\/s +3\/s$/)
  })
})

test('keys are told from what terminals send, several at once', () => {
  expect(keysOf('q\x1b[A\x1bOB\t\x1b[6~\x1b[99;5u \x03')).toEqual([
    'q',
    'up',
    'down',
    'tab',
    'page-down',
    ' ',
    'interrupt',
  ])
})

test('text is made to fit', () => {
  expect(fitted('abc', 5)).toBe('abc  ')
  expect(fitted('abcdef', 5)).toBe('abcde')
})
