/** The address manager of networks without addresses. */
import { EngineError } from '../../errors.ts'
import type { AddressGrant, IpamCapabilities, IpamDriver, PoolGrant, PoolWish } from '../ipam-driver.ts'

const SPACE = 'null'
const POOL = '0.0.0.0/0'
const POOL_ID = `${SPACE}/${POOL}`

/** Has one pool, which everyone gets and which holds no addresses. */
export class NullIpam implements IpamDriver {
  readonly name = 'null'

  async capabilities(): Promise<IpamCapabilities> {
    return { requiresMacAddress: false, requiresReplay: false }
  }

  async defaultAddressSpaces(): Promise<{ readonly local: string; readonly global: string }> {
    return { local: SPACE, global: SPACE }
  }

  async requestPool({ addressSpace, pool, subPool, family }: PoolWish): Promise<PoolGrant> {
    if (addressSpace !== SPACE) {
      throw new EngineError(
        'address-space-invalid',
        `there is no address space ${JSON.stringify(addressSpace)}: the null address manager has ${SPACE}`,
      )
    }
    if (family === 6 || subPool || (pool && pool !== POOL)) {
      const asked = subPool || pool || 'IPv6 pool'
      throw new EngineError('pool-invalid', `the null address manager has no ${asked}: its networks have no addresses`)
    }
    return { poolId: POOL_ID, pool: POOL, data: {} }
  }

  async releasePool(poolId: string): Promise<void> {
    checkPool(poolId)
  }

  /** Gives none: the grant's address is empty. */
  async requestAddress(poolId: string): Promise<AddressGrant> {
    checkPool(poolId)
    return { address: '', data: {} }
  }

  async releaseAddress(poolId: string): Promise<void> {
    checkPool(poolId)
  }

  async close(): Promise<void> {}
}

function checkPool(poolId: string): void {
  if (poolId === POOL_ID) return
  throw new EngineError(
    'pool-unknown',
    `there is no pool ${JSON.stringify(poolId)}: the null address manager has ${POOL_ID}`,
  )
}
