import { BlockList } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bitsOf,
  comparePrefixes,
  containsAddress,
  containsPrefix,
  formatAddress,
  formatPrefix,
  lastOf,
  nthAddress,
  type Prefix,
  parseAddress,
  parseCidr,
  prefixesOverlap,
  prefixOf,
  sizeOf,
  splitPrefix,
} from './index.ts'

const family = fc.constantFrom(4 as const, 6 as const)

/** Prefixes of one family, close enough together to meet. */
const prefixOfFamily = (each: 4 | 6) =>
  fc
    .record({ high: fc.bigInt(0n, 3n), low: fc.bigInt(0n, 255n), length: fc.nat(bitsOf(each)) })
    .map(({ high, low, length }) => prefixOf({ family: each, value: (high << BigInt(bitsOf(each) - 4)) | low }, length))
const prefix = family.chain(prefixOfFamily)
const pair = family.chain((each) => fc.tuple(prefixOfFamily(each), prefixOfFamily(each)))
const read = (text: string): Prefix => parseCidr(text).prefix

/** Node's own notion of what lies in a prefix. */
function listOf(each: Prefix): { has(value: bigint): boolean } {
  const type = each.family === 4 ? 'ipv4' : 'ipv6'
  const list = new BlockList()
  list.addSubnet(formatAddress({ family: each.family, value: each.first }), each.length, type)
  return { has: (value) => list.check(formatAddress({ family: each.family, value }), type) }
}

test('host bits do not belong to the prefix, and are told', () => {
  const { address, prefix: network } = parseCidr('10.60.1.2/16')
  expect(formatAddress(address)).toBe('10.60.1.2')
  expect(formatPrefix(network)).toBe('10.60.0.0/16')
  expect(formatPrefix(read('fd00:1:2:3:4::5/48'))).toBe('fd00:1:2::/48')
})

test.each([
  '10.0.0.0',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/08',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  'fd00::/129',
  '/8',
  '010.0.0.0/8',
  '10.0.0.0/8 ',
])('%j is no prefix', (text) => {
  expect(() => parseCidr(text)).toThrow(RangeError)
})

test('what is written reads back as the same prefix', () => {
  fc.assert(
    fc.property(prefix, (each) => {
      expect(read(formatPrefix(each))).toEqual(each)
    }),
  )
})

test('lowest and highest address lie within, those beside do not, as node:net has it', () => {
  fc.assert(
    fc.property(prefix, (each) => {
      const list = listOf(each)
      const last = lastOf(each)
      expect([list.has(each.first), list.has(last)]).toEqual([true, true])
      expect(last - each.first + 1n).toBe(sizeOf(each))
      if (each.first > 0n) expect(list.has(each.first - 1n)).toBe(false)
      if (last + 1n < 1n << BigInt(bitsOf(each.family))) expect(list.has(last + 1n)).toBe(false)
    }),
  )
})

test('an address lies in a prefix when node:net says so', () => {
  fc.assert(
    fc.property(pair, ([one, other]) => {
      const address = { family: one.family, value: other.first }
      expect(containsAddress(one, address)).toBe(listOf(one).has(other.first))
    }),
  )
})

test('prefixes overlap when an end of one lies in the other', () => {
  fc.assert(
    fc.property(pair, ([one, other]) => {
      const [inOne, inOther] = [listOf(one), listOf(other)]
      const meet = [other.first, lastOf(other)].some(inOne.has) || [one.first, lastOf(one)].some(inOther.has)
      expect(prefixesOverlap(one, other)).toBe(meet)
      expect(containsPrefix(one, other)).toBe(inOne.has(other.first) && inOne.has(lastOf(other)))
    }),
  )
})

test('prefixes of different families have nothing in common', () => {
  expect(prefixesOverlap(read('0.0.0.0/0'), read('::/0'))).toBe(false)
  expect(containsAddress(read('::/0'), parseAddress('10.0.0.1'))).toBe(false)
})

test('a prefix is the sum of the parts that it is split into', () => {
  const split = prefix.chain((each) =>
    fc.tuple(fc.constant(each), fc.integer({ min: each.length, max: Math.min(each.length + 6, bitsOf(each.family)) })),
  )
  fc.assert(
    fc.property(split, ([each, length]) => {
      const parts = [...splitPrefix(each, length)]
      expect(parts).toHaveLength(2 ** (length - each.length))
      expect(parts.reduce((sum, part) => sum + sizeOf(part), 0n)).toBe(sizeOf(each))
      expect(parts.every((part) => containsPrefix(each, part))).toBe(true)
      expect(parts.slice(1).some((part, i) => prefixesOverlap(part, parts[i]!))).toBe(false)
    }),
  )
  expect([...splitPrefix(read('172.20.0.0/14'), 16)].map(formatPrefix)).toEqual([
    '172.20.0.0/16',
    '172.21.0.0/16',
    '172.22.0.0/16',
    '172.23.0.0/16',
  ])
  expect(() => [...splitPrefix(read('10.0.0.0/16'), 8)]).toThrow(RangeError)
})

test('addresses are counted from the lowest', () => {
  const pool = read('10.0.0.8/29')
  expect([0n, 1n, 7n].map((offset) => formatAddress(nthAddress(pool, offset)))).toEqual([
    '10.0.0.8',
    '10.0.0.9',
    '10.0.0.15',
  ])
  expect(formatAddress(nthAddress(read('fd00::/64'), 2n ** 64n - 1n))).toBe('fd00::ffff:ffff:ffff:ffff')
  expect(() => nthAddress(pool, 8n)).toThrow('10.0.0.8/29 has no address number 8')
  expect(() => nthAddress(pool, -1n)).toThrow(RangeError)
})

test('prefixes sort by family, address and width', () => {
  const texts = ['fd00::/8', '10.0.0.0/16', '192.168.0.0/16', '10.0.0.0/8', '9.0.0.0/8']
  expect(texts.map(read).sort(comparePrefixes).map(formatPrefix)).toEqual([
    '9.0.0.0/8',
    '10.0.0.0/8',
    '10.0.0.0/16',
    '192.168.0.0/16',
    'fd00::/8',
  ])
})
