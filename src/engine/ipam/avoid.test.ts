import { expect, test } from 'vitest'
import { nameserversIn, rangesToAvoid } from './avoid.ts'

test('nameservers of resolv.conf, and nothing that only looks like one', () => {
  const text = [
    '# nameserver 10.0.0.1',
    'nameserver 10.0.0.2',
    'nameserver\t10.0.0.3 # the second',
    '  nameserver 10.0.0.4',
    'nameserver',
    'nameserver 10.0.0',
    'nameserver house',
    'nameserver fe80::1%eth0',
    'nameserver 2001:DB8::53',
    'search nameserver 10.0.0.5',
    'nameserver 10.0.0.6',
  ].join('\n')
  expect(nameserversIn(text)).toEqual(['10.0.0.2/32', '10.0.0.3/32', 'fe80::1/128', '2001:db8::53/128', '10.0.0.6/32'])
  expect(nameserversIn('')).toEqual([])
})

test('prefixes to avoid are looked up by family', () => {
  const prefixes = ['10.0.0.0/8', 'fd00::/8', '10.1.0.0/16']
  expect(rangesToAvoid(prefixes, 4).ranges).toEqual([{ first: 10n << 24n, last: (11n << 24n) - 1n }])
  expect(rangesToAvoid(prefixes, 6).ranges).toHaveLength(1)
  expect(() => rangesToAvoid(['house'], 4)).toThrow(expect.objectContaining({ code: 'pool-invalid' }))
})
