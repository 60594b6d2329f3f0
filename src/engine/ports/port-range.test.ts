import { expect, test } from 'vitest'
import { parseReservedPorts, portsFrom } from './port-range.ts'

test('ports go round, each once, and pass over those that are reserved', () => {
  const range = { first: 10, last: 15, reserved: parseReservedPorts('11,13-14') }
  expect([...portsFrom(range, 12)]).toEqual([12, 15, 10])
  expect([...portsFrom(range, 99)]).toEqual([10, 12, 15])
})

test('the list of reserved ports, as the kernel writes it', () => {
  expect(parseReservedPorts('')).toEqual([])
  expect(parseReservedPorts('8080,9000-9100')).toEqual([
    [8080, 8080],
    [9000, 9100],
  ])
})
