import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAddresses, parsePorts } from './ranges.ts'

test('lists of ports', () => {
  expect(parsePorts('22,80,8000-8002,80')).toEqual([22, 80, 8000, 8001, 8002])
  expect(parsePorts('1-65535')).toHaveLength(65_535)
  for (const text of ['', '0', '65536', '5-4', '80,', 'http', '-5', '1-2-3'])
    expect(() => parsePorts(text)).toThrow(RangeError)
})

test('ranges of addresses', () => {
  expect(parseAddresses('10.0.0.0/30')).toEqual(['10.0.0.1', '10.0.0.2'])
  expect(parseAddresses('10.0.0.7/31')).toEqual(['10.0.0.6', '10.0.0.7'])
  expect(parseAddresses('10.0.0.9')).toEqual(['10.0.0.9'])
  expect(parseAddresses('10.0.0.3-5')).toEqual(['10.0.0.3', '10.0.0.4', '10.0.0.5'])
  expect(parseAddresses('fd00::/127')).toEqual(['fd00::', 'fd00::1'])
  expect(parseAddresses('10.0.255.255/16')).toHaveLength(65_534)
  expect(parseAddresses('255.255.255.252/30')).toEqual(['255.255.255.253', '255.255.255.254'])
})

test('what is no range is none, and too large a one is refused', () => {
  for (const text of ['web', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.5-3', '10.0.0.5-300', '', '1.2.3']) {
    expect(parseAddresses(text)).toBeUndefined()
  }
  for (const text of ['10.0.0.0/8', 'fd00::/64', '0.0.0.0/0', '::/0'])
    expect(() => parseAddresses(text)).toThrow(RangeError)
  fc.assert(
    fc.property(fc.string(), (text) => {
      try {
        parseAddresses(text)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }),
  )
})
