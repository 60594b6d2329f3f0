import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ExpectationsError, parseExpectations } from './expectations.ts'

describe('a table of expectations', () => {
  test('has a flow on each line, and comments', () => {
    const table = `
# what the shop needs
docker:web docker:db --tcp 5432 delivered
docker:web 192.0.2.9 dropped   # nothing of the outside
ns:a ns:b -6 --udp 53 delivered
`
    expect(parseExpectations(table)).toEqual([
      {
        line: 3,
        from: 'docker:web',
        to: 'docker:db',
        protocol: 'tcp',
        port: 5432,
        family: undefined,
        expected: 'delivered',
      },
      {
        line: 4,
        from: 'docker:web',
        to: '192.0.2.9',
        protocol: 'icmp',
        port: undefined,
        family: undefined,
        expected: 'dropped',
      },
      { line: 5, from: 'ns:a', to: 'ns:b', protocol: 'udp', port: 53, family: 'ipv6', expected: 'delivered' },
    ])
  })

  test('may be JSON lines', () => {
    const line = JSON.stringify({ from: 'a', to: 'b', protocol: 'tcp', port: 80, expect: 'dropped' })
    expect(parseExpectations(line)).toMatchObject([{ from: 'a', to: 'b', port: 80, expected: 'dropped' }])
  })

  test.each([
    ['a b', 'FROM TO'],
    ['a b c delivered', 'FROM TO'],
    ['a b maybe', 'not maybe'],
    ['a b --tcp http delivered', 'not http'],
    ['a b --tcp 70000 delivered', 'not 70000'],
    ['a b --sctp 80 delivered', '--sctp is no option'],
    ['{"from":"a"', 'is none'],
    ['{"from":"a","to":"b","protocol":"tcp","expect":"delivered"}', 'a port'],
    ['', 'no expectation'],
  ])('%j is refused with the line that is wrong', (table, problem) => {
    expect(() => parseExpectations(table)).toThrow(ExpectationsError)
    expect(() => parseExpectations(table)).toThrow(problem)
  })

  test('of any content is read or refused', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseExpectations(text)
        } catch (error) {
          expect(error).toBeInstanceOf(ExpectationsError)
        }
      }),
    )
  })
})
