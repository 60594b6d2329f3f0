import { expect, test } from 'vitest'
import { interfaceSysctl, sysctlPath } from './sysctl.ts'

test('dots separate, and a slash stands for a dot within a name', () => {
  expect(sysctlPath('net.ipv4.ip_forward')).toBe('/proc/sys/net/ipv4/ip_forward')
  expect(sysctlPath('net.ipv4.conf.eth0/100.rp_filter')).toBe('/proc/sys/net/ipv4/conf/eth0.100/rp_filter')
})

test('after a slash, slashes separate and dots are dots', () => {
  expect(sysctlPath('net/ipv4/conf/eth0.100/rp_filter')).toBe('/proc/sys/net/ipv4/conf/eth0.100/rp_filter')
})

test('the key of an interface’s setting leads to the directory with that very name', () => {
  expect(interfaceSysctl('ipv4', 'eth0.100', 'rp_filter')).toBe('net.ipv4.conf.eth0/100.rp_filter')
  expect(sysctlPath(interfaceSysctl('ipv6', 'a.b', 'forwarding'))).toBe('/proc/sys/net/ipv6/conf/a.b/forwarding')
})

test.each(['', 'net/../../../etc/passwd', '/etc/passwd', 'net..ipv4', 'net.ipv4.//.x', 'net.a\0b'])(
  'refuses %j',
  (key) => {
    expect(() => sysctlPath(key)).toThrow(RangeError)
  },
)
