import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addressesInHosts, namesInHosts, parseHosts, parseResolverConfiguration } from './resolver-files.ts'

test('resolv.conf as the C library reads it', () => {
  const text = `# comment
; another
nameserver 10.0.0.1 # behind the address nothing counts
nameserver fe80::1%eth0
nameserver nonsense
search a.test b.test.
domain c.test ignored
search x.test y.test
options ndots:99 timeout:0 attempts:9 rotate use-vc edns0
nameserver 10.0.0.2
nameserver 10.0.0.3
`
  expect(parseResolverConfiguration(text)).toEqual({
    nameservers: ['10.0.0.1', 'fe80::1%eth0', '10.0.0.2'],
    ignored: ['nonsense', '10.0.0.3'],
    search: ['x.test', 'y.test'],
    ...{ ndots: 15, timeout: 1, attempts: 5, rotate: true, useVc: true, edns: true, noTldQuery: false, noAaaa: false },
  })
})

test('without servers the one of this host is asked', () => {
  const { nameservers, ndots, timeout, attempts } = parseResolverConfiguration('')
  expect({ nameservers, ndots, timeout, attempts }).toEqual({
    nameservers: ['127.0.0.1'],
    ndots: 1,
    timeout: 5,
    attempts: 2,
  })
})

test('hosts, both ways', () => {
  const hosts = parseHosts('10.0.0.1 web.test web # x\n::1\tlocalhost\n\nbroken\n10.0.0.2 WEB\nfe80::1%e0 link')
  expect(addressesInHosts(hosts, 'Web.')).toEqual(['10.0.0.1', '10.0.0.2'])
  expect(namesInHosts(hosts, '10.0.0.1')).toEqual(['web.test'])
  expect(namesInHosts(hosts, '0:0::1')).toEqual(['localhost'])
})

test('any text is read', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const { nameservers, search } = parseResolverConfiguration(text)
      expect(nameservers.length).toBeGreaterThan(0)
      expect(search.length).toBeLessThanOrEqual(32)
      namesInHosts(parseHosts(text), '10.0.0.1')
    }),
  )
})
