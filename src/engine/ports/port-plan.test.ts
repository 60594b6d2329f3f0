import { expect, test } from 'vitest'
import { type PublishingEndpoint, planPorts } from './port-plan.ts'

const dual: PublishingEndpoint = {
  name: 'web',
  addresses: { 4: '10.0.0.2', 6: 'fd00::2' },
  reach: { 4: 'translated', 6: 'translated' },
  hostBinding: '0.0.0.0',
}
const tcp = { protocol: 'tcp', containerPort: 80, hostPort: 8080 } as const

test('without an address a port is published on all of both families', () => {
  expect(planPorts([tcp], dual)).toEqual([
    {
      protocol: 'tcp',
      containerPort: 80,
      targets: [
        { hostAddress: '0.0.0.0', containerAddress: '10.0.0.2' },
        { hostAddress: '::', containerAddress: 'fd00::2' },
      ],
      choice: { first: 8080, last: 8080 },
      direct: [],
    },
  ])
})

test.each([
  ['0.0.0.0', [{ hostAddress: '0.0.0.0', containerAddress: '10.0.0.2' }]],
  ['192.0.2.1', [{ hostAddress: '192.0.2.1', containerAddress: '10.0.0.2' }]],
  ['2001:DB8:0::1', [{ hostAddress: '2001:db8::1', containerAddress: 'fd00::2' }]],
])('an address, %s, is taken at its word', (hostAddress, targets) => {
  expect(planPorts([{ ...tcp, hostAddress }], dual)[0]?.targets).toEqual(targets)
})

test('a default address of the network is used where the mapping has none', () => {
  const [plan] = planPorts([tcp], { ...dual, hostBinding: '127.0.0.1' })
  expect(plan?.targets).toEqual([{ hostAddress: '127.0.0.1', containerAddress: '10.0.0.2' }])
})

test('families that are routed are open at the container, families that are closed are not published', () => {
  const [plan] = planPorts([tcp], { ...dual, reach: { 4: 'direct', 6: 'translated' } })
  expect(plan).toMatchObject({ direct: ['10.0.0.2'], targets: [{ hostAddress: '::' }] })
  expect(planPorts([tcp], { ...dual, reach: { 4: 'closed', 6: 'closed' } })).toEqual([])
})

test('the same mapping twice counts once', () => {
  expect(planPorts([tcp, { ...tcp }], dual)).toHaveLength(1)
})

test('no port means any, two a range', () => {
  expect(planPorts([{ protocol: 'udp', containerPort: 53 }], dual)[0]?.choice).toBeNull()
  expect(planPorts([{ ...tcp, hostPortEnd: 8090 }], dual)[0]?.choice).toEqual({ first: 8080, last: 8090 })
})

test.each([
  [{ ...tcp, containerPort: 0 }, "a container's port"],
  [{ ...tcp, containerPort: 65536 }, "a container's port"],
  [{ ...tcp, hostPort: 70000 }, '70000 is no port of the host'],
  [{ ...tcp, hostPort: 1.5 }, '1.5 is no port of the host'],
  [{ ...tcp, hostPortEnd: 8000 }, '8080 to 8000 is no range'],
  [{ ...tcp, hostPort: 0, hostPortEnd: 8000 }, '0 to 8000 is no range'],
  [{ ...tcp, hostAddress: 'example.org' }, '"example.org" is no IP address'],
  [{ ...tcp, hostAddress: 'fe80::1' }, 'link-local'],
  [{ ...tcp, hostAddress: '0:0:0:0:0:0:0:1' }, 'use 127.0.0.1'],
  [{ ...tcp, protocol: 'icmp' as 'tcp' }, 'tcp, udp or sctp'],
])('%j is refused', (mapping, why) => {
  const attempt = (): unknown => planPorts([mapping], dual)
  expect(attempt).toThrow(expect.objectContaining({ code: 'port-invalid' }))
  expect(attempt).toThrow(why)
})

test('an IPv4 address of the host cannot lead to an endpoint that has IPv6 only', () => {
  const endpoint = { ...dual, addresses: { 6: 'fd00::2' } }
  expect(() => planPorts([{ ...tcp, hostAddress: '0.0.0.0' }], endpoint)).toThrow('no IPv4 address')
  expect(planPorts([tcp], endpoint)[0]?.targets).toEqual([{ hostAddress: '::', containerAddress: 'fd00::2' }])
})
