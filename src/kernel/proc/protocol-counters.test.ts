import { expect, test } from 'vitest'
import { parsePairedLines, parsePerProcessor } from './protocol-counters.ts'

test('names and values stand on lines of their own', () => {
  const counters = new Map<string, number>()
  parsePairedLines('Ip: Forwarding InNoRoutes\nIp: 1 7\nTcp: MaxConn\nTcp: -1\n', counters)
  expect(Object.fromEntries(counters)).toEqual({ 'Ip.Forwarding': 1, 'Ip.InNoRoutes': 7, 'Tcp.MaxConn': -1 })
})

test('values of all processors are added up', () => {
  const counters = new Map<string, number>()
  parsePerProcessor(
    'entries  drop early_drop \n0000000a  00000001 00000000\n0000000b  00000002 00000000\n',
    'c',
    counters,
  )
  expect(Object.fromEntries(counters)).toEqual({ 'c.entries': 21, 'c.drop': 3, 'c.early_drop': 0 })
})

test('text that makes no sense gives no counters', () => {
  const counters = new Map<string, number>()
  parsePairedLines('Ip: Forwarding', counters)
  parsePerProcessor('', 'c', counters)
  expect(counters.size).toBe(0)
})
