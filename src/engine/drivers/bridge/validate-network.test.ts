import { expect, test } from 'vitest'
import type { NetworkRecord, PoolLease } from '../../model.ts'
import { BridgeOption } from './bridge-options.ts'
import { validateBridgeNetwork } from './validate-network.ts'

function network(id: string, pools: readonly string[], change: Partial<NetworkRecord> = {}): NetworkRecord {
  const leases = pools.map(
    (pool) => ({ family: pool.includes(':') ? 6 : 4, pool, gateway: null, auxiliary: {} }) as PoolLease,
  )
  return { id, name: id, driver: 'bridge', internal: false, options: {}, pools: leases, ...change } as NetworkRecord
}

const code = (code: string) => expect.objectContaining({ code })

test('networks side by side', () => {
  const others = [network('b', ['10.0.1.0/24', 'fd00:1::/64']), network('c', ['10.0.0.0/8'], { driver: 'macvlan' })]
  expect(() => validateBridgeNetwork(network('a', ['10.0.0.0/24', 'fd00::/64']), others)).not.toThrow()
})

test('a network is no other than itself', () => {
  const one = network('a', ['10.0.0.0/24'])
  expect(() => validateBridgeNetwork(one, [one])).not.toThrow()
})

test.each([
  ['10.0.0.0/24', '10.0.0.128/25'],
  ['10.0.0.64/26', '10.0.0.0/16'],
  ['fd00::/64', 'fd00::/80'],
])('the pool %s overlaps %s of another network', (ours, theirs) => {
  expect(() => validateBridgeNetwork(network('a', [ours]), [network('b', [theirs])])).toThrow(code('pool-overlap'))
})

test('two networks do not share a bridge', () => {
  const options = { [BridgeOption.name]: 'lan0' }
  const one = network('a', ['10.0.0.0/24'], { options })
  expect(() => validateBridgeNetwork(one, [network('b', ['10.1.0.0/24'], { options })])).toThrow(code('bridge-taken'))
})

test('a family has one pool, and the gateway lies in it', () => {
  expect(() => validateBridgeNetwork(network('a', ['10.0.0.0/24', '10.1.0.0/24']), [])).toThrow(code('pool-invalid'))
  const [lease] = network('a', ['10.0.0.0/24']).pools
  const astray = network('a', [], { pools: [{ ...lease!, gateway: '10.0.1.1/24' }] })
  expect(() => validateBridgeNetwork(astray, [])).toThrow(code('address-out-of-range'))
})
