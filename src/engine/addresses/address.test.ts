import { isIP } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Address, compareAddresses, formatAddress, parseAddress } from './index.ts'

/** The value of an IPv6 address, found by another way: the URL parser of Node, which compresses but knows no dotted decimal. */
function valueByUrl(text: string): bigint {
  const [head, tail] = new URL(`http://[${text}]/`).hostname.slice(1, -1).split('::')
  const groups = (part: string | undefined) => (part ? part.split(':') : [])
  const [before, after] = [groups(head), groups(tail)]
  const zeros = Array<string>(8 - before.length - after.length).fill('0')
  return [...before, ...zeros, ...after].reduce((value, group) => value * 65536n + BigInt(`0x${group}`), 0n)
}

const address = fc.oneof(
  fc.record({ family: fc.constant(4 as const), value: fc.bigInt(0n, 2n ** 32n - 1n) }),
  fc.record({ family: fc.constant(6 as const), value: fc.bigInt(0n, 2n ** 128n - 1n) }),
)

test('what is written reads back as the same address', () => {
  fc.assert(
    fc.property(address, (each) => {
      expect(parseAddress(formatAddress(each))).toEqual(each)
    }),
  )
})

test('IPv4 addresses have the value of their octets', () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      const value = text.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
      expect(parseAddress(text)).toEqual({ family: 4, value: BigInt(value) })
      expect(formatAddress(parseAddress(text))).toBe(text)
    }),
  )
})

test('IPv6 addresses in any notation have the value that the URL parser sees', () => {
  fc.assert(
    fc.property(fc.ipV6(), (text) => {
      expect(parseAddress(text)).toEqual({ family: 6, value: valueByUrl(text) })
    }),
  )
})

test('what is no address is refused, and nothing else', () => {
  const almost = fc.string({ unit: fc.constantFrom(...'0127:.fg%/ '), maxLength: 24 })
  fc.assert(
    fc.property(fc.oneof(fc.string(), almost, fc.ipV6()), (text) => {
      if (isIP(text) !== 0 && !text.includes('%')) expect(parseAddress(text).family).toBe(isIP(text))
      else expect(() => parseAddress(text)).toThrow(RangeError)
    }),
    { numRuns: 2000 },
  )
})

test.each([
  '010.0.0.1',
  '10.0.0.08',
  '10.1',
  '0x0a000001',
  '1.2.3.4.5',
  '256.0.0.1',
  'fe80::1%eth0',
  '1::2::3',
  '',
  ' 10.0.0.1',
])('%j is no address', (text) => {
  expect(() => parseAddress(text)).toThrow(RangeError)
})

test.each([
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::ffff:0a00:0001', '::ffff:10.0.0.1'],
  ['0:0:0:0:0:0:0:0', '::'],
])('%s is written %s (RFC 5952)', (text, canonical) => {
  expect(formatAddress(parseAddress(text))).toBe(canonical)
})

test('addresses sort by family and value', () => {
  const texts = ['fd00::1', '10.0.0.10', '::', '9.255.0.1', '10.0.0.9']
  const sorted = texts.map(parseAddress).sort(compareAddresses).map(formatAddress)
  expect(sorted).toEqual(['9.255.0.1', '10.0.0.9', '10.0.0.10', '::', 'fd00::1'])
})

test('the order of addresses is a total one', () => {
  fc.assert(
    fc.property(address, address, (one: Address, other: Address) => {
      expect(Math.sign(compareAddresses(one, other))).toBe(-Math.sign(compareAddresses(other, one)) || 0)
      expect(compareAddresses(one, other) === 0).toBe(formatAddress(one) === formatAddress(other))
    }),
  )
})
