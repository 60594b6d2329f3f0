import { expect, test } from 'vitest'
import type { EndpointRecord, NetworkRecord } from '../model.ts'
import { type Candidate, electGateways } from './election.ts'

interface Traits {
  readonly priority?: number
  readonly internal?: boolean
  readonly gatewayNetwork?: boolean
  readonly ipv4?: boolean
  readonly ipv6?: boolean
}

/** What the election looks at; the id is the name. */
function candidate(name: string, traits: Traits = {}): Candidate {
  const { priority = 0, internal = false, gatewayNetwork = false, ipv4 = true, ipv6 = false } = traits
  const join = { gateway: ipv4 ? '10.0.0.1' : null, gatewayIPv6: ipv6 ? 'fd00::1' : null }
  return {
    endpoint: { id: name, name, priority, join } as unknown as EndpointRecord,
    network: { internal } as NetworkRecord,
    gatewayNetwork,
  }
}

const cases: readonly [string, readonly Candidate[], { ipv4: string | null; ipv6: string | null }][] = [
  ['nobody', [], { ipv4: null, ipv6: null }],
  ['nobody has a gateway', [candidate('a', { ipv4: false })], { ipv4: null, ipv6: null }],
  ['names decide among equals', [candidate('b'), candidate('a')], { ipv4: 'a', ipv6: null }],
  [
    'priority before all',
    [candidate('a', { ipv6: true }), candidate('b', { priority: 1, internal: true })],
    { ipv4: 'b', ipv6: 'a' },
  ],
  [
    'the gateway network last',
    [candidate('a', { gatewayNetwork: true }), candidate('b', { internal: true })],
    { ipv4: 'b', ipv6: null },
  ],
  ['internal networks after others', [candidate('a', { internal: true }), candidate('b')], { ipv4: 'b', ipv6: null }],
  ['more gateways first', [candidate('a'), candidate('b', { ipv6: true })], { ipv4: 'b', ipv6: 'b' }],
  [
    'IPv6 counts more than IPv4',
    [candidate('a'), candidate('b', { ipv4: false, ipv6: true })],
    { ipv4: 'a', ipv6: 'b' },
  ],
  [
    'the first without a gateway is passed over',
    [candidate('a', { priority: 9, ipv4: false }), candidate('b')],
    { ipv4: 'b', ipv6: null },
  ],
]

test.each(cases)('%s', (_, candidates, elected) => {
  expect(electGateways(candidates)).toEqual(elected)
  expect(electGateways(candidates.toReversed())).toEqual(elected)
})
