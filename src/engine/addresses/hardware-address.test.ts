import { expect, test } from 'vitest'
import { addressOfMac, formatAddress, macOfIPv4, parseAddress, parseCidr } from './index.ts'

test('the hardware address of an IPv4 address is 02:42 and its octets', () => {
  expect(macOfIPv4(parseAddress('10.60.0.2'))).toBe('02:42:0a:3c:00:02')
  expect(macOfIPv4(parseAddress('0.0.0.0'))).toBe('02:42:00:00:00:00')
  expect(() => macOfIPv4(parseAddress('fd00::1'))).toThrow('fd00::1 is not an IPv4 address')
})

test('the last six octets of an IPv6 address may be the hardware address', () => {
  const inPrefix = (prefix: string, mac: string) => formatAddress(addressOfMac(parseCidr(prefix).prefix, mac))
  expect(inPrefix('fd00::/80', '02:42:0a:3c:00:02')).toBe('fd00::242:a3c:2')
  expect(inPrefix('fd00:1:2:3::/64', 'ff:ff:ff:ff:ff:ff')).toBe('fd00:1:2:3:0:ffff:ffff:ffff')
  expect(() => inPrefix('fd00::/81', '02:42:0a:3c:00:02')).toThrow('at most /80')
  expect(() => inPrefix('10.0.0.0/8', '02:42:0a:3c:00:02')).toThrow(RangeError)
  expect(() => inPrefix('fd00::/64', '02:42:0a:3c:00')).toThrow('six octets')
})
