import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatIPv6, ip, mac, parseIp, parseMac } from './address-value.ts'
import { decodedValue, encodedValue } from './annotated-bytes.ts'

test.each([
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['fe80::1', 'fe800000000000000000000000000001'],
  // RFC 5952, 4.2.2: one group of zeros alone is not shortened.
  ['2001:db8:0:1:1:1:1:1', '20010db8000000010001000100010001'],
  // 4.2.3: of two runs the longer, of equal ones the first.
  ['2001:0:0:1::1', '20010000000000010000000000000001'],
  ['2001:db8::1:0:0:1', '20010db8000000000001000000000001'],
  ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
])('%s', (text, hex) => {
  expect(formatIPv6(Buffer.from(hex, 'hex'), 0)).toBe(text)
  expect(parseIp(text).toString('hex')).toBe(hex)
})

test.each([
  '',
  '1.2.3',
  '1.2.3.256',
  '1.2.3.04',
  '1.2.3.4.5',
  ':',
  '1::2::3',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '12345::',
  'eth0',
  '::1%eth0',
])('"%s" is not an IP address', (text) => {
  expect(() => parseIp(text)).toThrow(RangeError)
})

test('other notations of the same address are read', () => {
  expect(parseIp('2001:DB8:0:0:0:0:0:1')).toEqual(parseIp('2001:db8::1'))
  expect(parseIp('64:ff9b::192.0.2.33')).toEqual(parseIp('64:ff9b::c000:221'))
})

test('every address comes back as it went', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(4, 16).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
      (bytes) => {
        expect(encodedValue(ip, decodedValue(ip, Buffer.from(bytes)))).toEqual(Buffer.from(bytes))
      },
    ),
  )
})

test('bytes that are no address, of any length, come back too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(encodedValue(ip, decodedValue(ip, Buffer.from(bytes)))).toEqual(Buffer.from(bytes))
      expect(encodedValue(mac, decodedValue(mac, Buffer.from(bytes)))).toEqual(Buffer.from(bytes))
    }),
  )
})

test('link-layer addresses', () => {
  expect(parseMac('02:42:AC:11:00:02').toString('hex')).toBe('0242ac110002')
  for (const text of ['0242ac110002', '02:4', '02:42:', 'zz:zz']) expect(() => parseMac(text)).toThrow(RangeError)
})
