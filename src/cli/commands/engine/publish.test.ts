import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UsageError } from '../../command.ts'
import { parsePublish } from './publish.ts'

const tcp = { protocol: 'tcp' }

test.each([
  ['80', [{ ...tcp, containerPort: 80 }]],
  ['0:80', [{ ...tcp, containerPort: 80 }]],
  ['53/udp', [{ protocol: 'udp', containerPort: 53 }]],
  ['7/SCTP', [{ protocol: 'sctp', containerPort: 7 }]],
  ['8080:80', [{ ...tcp, containerPort: 80, hostPort: 8080 }]],
  ['127.0.0.1:8080:80', [{ ...tcp, containerPort: 80, hostPort: 8080, hostAddress: '127.0.0.1' }]],
  ['127.0.0.1::80', [{ ...tcp, containerPort: 80, hostAddress: '127.0.0.1' }]],
  ['[::1]:8080:80', [{ ...tcp, containerPort: 80, hostPort: 8080, hostAddress: '::1' }]],
  ['8000-8010:80', [{ ...tcp, containerPort: 80, hostPort: 8000, hostPortEnd: 8010 }]],
  [
    '8000-8001:90-91/udp',
    [
      { protocol: 'udp', containerPort: 90, hostPort: 8000 },
      { protocol: 'udp', containerPort: 91, hostPort: 8001 },
    ],
  ],
  [
    '90-91',
    [
      { ...tcp, containerPort: 90 },
      { ...tcp, containerPort: 91 },
    ],
  ],
])('%s', (text, mappings) => {
  expect(parsePublish(text)).toEqual(mappings)
})

test.each(['', 'x', '80/icmp', '70000', '9-8', '8000-8002:90-91', ':::80', '1:2:3:4', '-1:80', '80/', '::1:80:80'])(
  '%j is refused',
  (text) => {
    expect(() => parsePublish(text)).toThrow(UsageError)
  },
)

test('any text is understood or refused', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0123456789:-/[].tcpx') }), (text) => {
      try {
        for (const { containerPort } of parsePublish(text)) expect(containerPort).toBeLessThanOrEqual(65_535)
      } catch (error) {
        expect(error).toBeInstanceOf(UsageError)
      }
    }),
  )
})
