/** What a bridge network must keep to beside its options: pools that fit, a bridge and addresses that no other network has. */
import { EngineError } from '../../errors.ts'
import type { NetworkRecord } from '../../model.ts'
import { bridgeSettings } from './bridge-options.ts'
import { bare, overlaps, within } from './pools.ts'

/**
 * Checks a network against itself and against the other bridge networks.
 * @throws EngineError option-invalid, pool-invalid, address-out-of-range, pool-overlap, bridge-taken
 */
export function validateBridgeNetwork(network: NetworkRecord, others: readonly NetworkRecord[]): void {
  const { bridgeName } = bridgeSettings(network)
  checkPools(network)
  for (const other of others) {
    if (other.driver !== network.driver || other.id === network.id || other.configOnly) continue
    if (bridgeSettings(other).bridgeName === bridgeName) {
      throw new EngineError('bridge-taken', `the bridge ${bridgeName} belongs to network ${other.name} already`, {
        network: network.id,
      })
    }
    checkOverlap(network, other)
  }
}

function checkPools(network: NetworkRecord): void {
  for (const family of [4, 6] as const) {
    const pools = network.pools.filter((pool) => pool.family === family)
    if (pools.length > 1) {
      const text = `network ${network.name} has ${pools.length} IPv${family} pools; a bridge network takes one`
      throw new EngineError('pool-invalid', text, { network: network.id })
    }
    const [pool] = pools
    if (pool?.gateway == null || within(pool.gateway, pool.pool)) continue
    const text = `the gateway ${bare(pool.gateway)} of network ${network.name} lies outside of its pool ${pool.pool}`
    throw new EngineError('address-out-of-range', text, { network: network.id })
  }
}

function checkOverlap(network: NetworkRecord, other: NetworkRecord): void {
  for (const { pool } of network.pools) {
    const clash = other.pools.find((theirs) => overlaps(pool, theirs.pool))
    if (clash === undefined) continue
    const text = `the pool ${pool} of network ${network.name} overlaps ${clash.pool} of network ${other.name}`
    throw new EngineError('pool-overlap', text, { network: network.id })
  }
}
