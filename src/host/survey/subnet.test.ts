import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isInside } from './subnet.ts'

describe('an address in a subnet', () => {
  test.each([
    ['10.0.0.9', '10.0.0.7/24', true],
    ['10.0.1.9', '10.0.0.7/24', false],
    ['10.0.0.127', '10.0.0.0/25', true],
    ['10.0.0.128', '10.0.0.0/25', false],
    ['10.0.0.7', '10.0.0.7/32', true],
    ['fd00::9', 'fd00::1/64', true],
    ['fd00:0:0:1::9', 'fd00::1/64', false],
    ['10.0.0.9', 'fd00::1/64', false],
  ])('%s in %s: %s', (address, prefix, inside) => {
    expect(isInside(address, prefix)).toBe(inside)
  })

  test('is in no default route, and in nothing that is not a prefix', () => {
    for (const prefix of ['0.0.0.0/0', '10.0.0.0', '10.0.0.0/33', '10.0.0.0/x', '/8', '', 'name/8', '10.0.0.0/-1']) {
      expect(isInside('10.0.0.1', prefix)).toBe(false)
    }
    expect(isInside('not an address', '10.0.0.0/8')).toBe(false)
  })

  test("agrees with Node's own lists", () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 1, max: 32 }), (address, network, length) => {
        const list = new BlockList()
        list.addSubnet(network, length, 'ipv4')
        expect(isInside(address, `${network}/${length}`)).toBe(list.check(address, 'ipv4'))
      }),
    )
  })
})
