import { expect, test } from 'vitest'
import { isLoopback, parseTcpAddress } from './tcp-address.ts'

test.each([
  ['127.0.0.1:80', '127.0.0.1', 80],
  ['[::1]:7070', '::1', 7070],
  ['box.example:1', 'box.example', 1],
  [':7070', '127.0.0.1', 7070],
  ['7070', '127.0.0.1', 7070],
  ['0.0.0.0:0', '0.0.0.0', 0],
])('%s', (text, host, port) => {
  expect(parseTcpAddress(text)).toEqual({ host, port })
})

test.each(['', 'x', ':', '::1:80', '1:65536', '1:-1', '[::1]80', 'a b:80'])('%j is no address', (text) => {
  expect(() => parseTcpAddress(text)).toThrow(RangeError)
})

test('what only this host can reach', () => {
  for (const host of ['127.0.0.1', '127.8.9.10', '::1', 'localhost']) expect(isLoopback(host), host).toBe(true)
  for (const host of ['0.0.0.0', '::', '10.0.0.1', 'box']) expect(isLoopback(host), host).toBe(false)
})
