import { expect, test } from 'vitest'
import {
  forInternalResolver,
  forLegacyNetwork,
  formatResolvConf,
  overrideResolvConf,
  parseResolvConf,
} from './resolv-conf.ts'

const internal = (text: string, settings = {}): string =>
  formatResolvConf(
    forInternalResolver(overrideResolvConf(parseResolvConf(text), settings), '127.0.0.11', ['ndots:0']),
    '/etc/resolv.conf',
  )
const legacy = (text: string, ipv6: boolean, settings = {}): string =>
  formatResolvConf(forLegacyNetwork(overrideResolvConf(parseResolvConf(text), settings), { ipv6 }), '/etc/resolv.conf')

test('every kind of line is read: the last search or domain counts, options add up, the rest is kept', () => {
  const text = `
# a comment
; another
nameserver 192.0.2.1 # trailing
nameserver fe80::1%eth0
nameserver nonsense
nameserver
domain example.com
search one.example two.example ; trailing
options ndots:2 rotate
sortlist 10.0.0.0
options timeout:1
`
  expect(parseResolvConf(text)).toEqual({
    nameservers: ['192.0.2.1', 'fe80::1%eth0'],
    invalid: ['nonsense'],
    search: ['one.example', 'two.example'],
    options: ['ndots:2', 'rotate', 'timeout:1'],
    others: ['sortlist 10.0.0.0'],
  })
})

test('with a resolver of its own, a sandbox has that alone, and the comments tell the rest', () => {
  expect(
    internal('nameserver 127.0.0.53\nnameserver 192.0.2.1\nsearch example.org\noptions edns0 trust-ad\n'),
  ).toBe(`nameserver 127.0.0.11
search example.org
options edns0 trust-ad ndots:0

# Based on host file: '/etc/resolv.conf' (internal resolver)
# ExtServers: [host(127.0.0.53) host(192.0.2.1)]
# Overrides: []
# Option ndots from: internal
`)
})

test('settings replace name servers, search and options as a whole', () => {
  const settings = { servers: ['198.51.100.1', 'x y'], search: ['a.example'], options: ['ndots:5'] }
  expect(internal('nameserver 192.0.2.1\nsearch example.org\noptions edns0\n', settings)).toBe(`nameserver 127.0.0.11
search a.example
options ndots:5

# Based on host file: '/etc/resolv.conf' (internal resolver)
# ExtServers: [198.51.100.1]
# Invalid nameservers: [x y]
# Overrides: [nameservers search options]
# Option ndots from: override
`)
})

test('an ndots of the host stays, a broken one does not', () => {
  expect(internal('nameserver 192.0.2.1\noptions ndots:3\n')).toMatch(
    /^options ndots:3$[\s\S]*^# Option ndots from: host$/m,
  )
  expect(internal('nameserver 192.0.2.1\noptions ndots:x\n')).toMatch(/^options ndots:0$[\s\S]*from: internal$/m)
  expect(internal('nameserver 192.0.2.1\noptions ndots\n')).toMatch(/^options ndots:0$/m)
})

test('without any name server outside, the file says so', () => {
  const text = internal('')
  expect(text).toContain('nameserver 127.0.0.11\noptions ndots:0\n')
  expect(text).toContain('# NO EXTERNAL NAMESERVERS DEFINED\n')
  expect(text).not.toContain('ExtServers')
  expect(text).not.toContain('8.8.8.8')
})

test('its own address as a server of its own is left out; on the host it is another server', () => {
  expect(internal('', { servers: ['127.0.0.11', '192.0.2.1'] })).toContain('# ExtServers: [192.0.2.1]\n')
  expect(internal('nameserver 127.0.0.11\n')).toContain('# ExtServers: [host(127.0.0.11)]\n')
})

test('a search list of one dot is none', () => {
  expect(internal('search example.org\n', { search: ['.'] })).not.toMatch(/^search/m)
  expect(internal('search .\n')).not.toMatch(/^search/m)
})

test('without a resolver, servers that a sandbox cannot reach are left out', () => {
  const host = 'nameserver 127.0.0.53\nnameserver ::1\nnameserver 192.0.2.1\nnameserver 2001:db8::1\n'
  expect(legacy(host, true)).toMatch(/^nameserver 192\.0\.2\.1\nnameserver 2001:db8::1\n\n/)
  expect(legacy(host, false)).toMatch(
    /^nameserver 192\.0\.2\.1\n\n# Based on host file: '\/etc\/resolv.conf' \(legacy\)/,
  )
})

test('when that leaves none, public servers stand in, unless servers were given', () => {
  const host = 'nameserver 127.0.0.1\nnameserver 2001:db8::1\n'
  const text = legacy(host, false)
  expect(text).toMatch(/^nameserver 8\.8\.8\.8\nnameserver 8\.8\.4\.4\n\n/)
  expect(text).toContain('# Used default nameservers.\n')
  expect(legacy('', true).match(/^nameserver/gm)).toHaveLength(4)
  expect(legacy(host, false, { servers: ['127.0.0.1'] })).toMatch(/^nameserver 127\.0\.0\.1\n\n/)
})

test('text of a hostile file stays within its comment', () => {
  const text = internal(`nameserver ${'\u0007'.repeat(3)}${'x'.repeat(500)}\n`)
  expect(text).toMatch(/^# Invalid nameservers: \[\?\?\?x{61}\]$/m)
})
