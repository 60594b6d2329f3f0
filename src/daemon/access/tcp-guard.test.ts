import { describe, expect, test } from 'vitest'
import { parseToken, tcpGuard } from './tcp-guard.ts'

const token = '0123456789abcdef0123456789abcdef'
const authorization = `Bearer ${token}`
const guard = tcpGuard({ token, hosts: ['127.0.0.1', '::1', 'Localhost'], port: 7070 })
const refusal = (headers: Parameters<typeof guard>[0]) => guard(headers)?.code

test.each([
  [{ host: '127.0.0.1:7070' }],
  [{ host: '[::1]:7070' }],
  [{ host: 'LOCALHOST:7070' }],
  [{ host: 'localhost:7070', origin: 'http://localhost:7070' }],
  [{ host: 'localhost:7070', origin: 'https://[::1]:7070' }],
])('%j is welcome with the token', (headers) => {
  expect(refusal({ ...headers, authorization })).toBeUndefined()
  expect(refusal(headers)).toBe('token-missing')
})

test.each([
  [undefined],
  [''],
  ['127.0.0.1'],
  ['127.0.0.1:80'],
  ['evil.example:7070'],
  ['127.0.0.1:7070.evil.example'],
  ['::1:7070'],
])('the Host %j is not ours', (host) => {
  expect(refusal({ host, authorization })).toBe('host-refused')
})

test.each([
  'null',
  '',
  'http://evil.example',
  'http://127.0.0.1:7070@evil.example',
  'http://127.0.0.1:7070/x',
  'file://',
])('the Origin %j is not ours', (origin) => {
  expect(refusal({ host: '127.0.0.1:7070', origin, authorization })).toBe('origin-refused')
})

test('a token must be the whole of it', () => {
  for (const wrong of [`${token}x`, token.slice(1), token.toUpperCase(), '']) {
    expect(guard({ host: '127.0.0.1:7070', authorization: `Bearer ${wrong}` })?.status, wrong).toBe(401)
  }
})

test('at the port of HTTP, the port may be left out', () => {
  const plain = tcpGuard({ token, hosts: ['box'], port: 80 })
  expect(plain({ host: 'box', authorization })).toBeUndefined()
  expect(plain({ host: 'box:80', authorization })).toBeUndefined()
})

describe('the token in a file', () => {
  test('is its only line', () => {
    expect(parseToken(`  ${token}\n`)).toBe(token)
  })
  test.each(['', 'short', `${token}\n${token}`, `${token} x`])('is not %j', (text) => {
    expect(() => parseToken(text)).toThrow(RangeError)
  })
})
