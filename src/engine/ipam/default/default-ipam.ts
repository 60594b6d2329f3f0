/** The address manager that networks have when they name no other. */
import { formatAddress, formatPrefix, type Prefix } from '../../addresses/index.ts'
import { EngineError } from '../../errors.ts'
import type { Labels } from '../../model.ts'
import type { AddressGrant, IpamCapabilities, IpamDriver, PoolGrant, PoolWish } from '../ipam-driver.ts'
import { readAddress, readRange } from '../outside-text.ts'
import { AddressSpace, partOf } from './address-space.ts'
import type { PoolShare } from './pool.ts'
import { globalPools, localPools, type PredefinedPools, readBases } from './predefined-pools.ts'

/** Networks of one host. */
const LOCAL = 'LocalDefault'
/** Networks of many hosts. */
const GLOBAL = 'GlobalDefault'

const SERIAL = 'com.docker.network.ipam.serial'
const ADDRESS_TYPE = 'RequestAddressType'
const GATEWAY = 'com.docker.network.gateway'

/** What pools the default address manager chooses from. */
export interface DefaultIpamOptions {
  /** For networks of one host; Docker's own and a unique local prefix when left out. */
  readonly local?: readonly PredefinedPools[]
  /** For networks of many hosts; the /24 of 10.0.0.0/8 when left out. */
  readonly global?: readonly PredefinedPools[]
}

interface GrantedShare {
  readonly share: PoolShare
  readonly space: AddressSpace
  /** `/24`: what follows an address of the pool. */
  readonly suffix: string
}

/**
 * The default address manager. It lives in memory: what networks and endpoints hold is in their records, and is asked for
 * again after a start (docs/decisions/leases.md).
 */
export class DefaultIpam implements IpamDriver {
  readonly name = 'default'
  readonly #spaces: ReadonlyMap<string, AddressSpace>
  /** By pool id: `LocalDefault/10.0.0.0/8`, `LocalDefault/10.0.0.0/8/10.1.0.0/16`. */
  readonly #granted = new Map<string, GrantedShare>()

  /** @throws EngineError pool-invalid when a predefined pool is malformed */
  constructor(options: DefaultIpamOptions = {}) {
    this.#spaces = new Map([
      [LOCAL, new AddressSpace(LOCAL, readBases(options.local ?? localPools()))],
      [GLOBAL, new AddressSpace(GLOBAL, readBases(options.global ?? globalPools()))],
    ])
  }

  async capabilities(): Promise<IpamCapabilities> {
    return { requiresMacAddress: false, requiresReplay: true }
  }

  async defaultAddressSpaces(): Promise<{ readonly local: string; readonly global: string }> {
    return { local: LOCAL, global: GLOBAL }
  }

  async requestPool(wish: PoolWish): Promise<PoolGrant> {
    const space = this.#spaces.get(wish.addressSpace)
    if (space === undefined) throw unknownSpace(wish.addressSpace)
    const wanted = readWish(wish)
    const share =
      'prefix' in wanted
        ? space.allocate(wanted.prefix, wanted.part)
        : space.allocateAny(wish.family, wanted.size, wish.avoid)
    const { prefix } = share.pool
    const pool = formatPrefix(prefix)
    const part = 'prefix' in wanted && wanted.part !== undefined ? `/${formatPrefix(wanted.part)}` : ''
    const poolId = `${wish.addressSpace}/${pool}${part}`
    this.#granted.set(poolId, { share, space, suffix: `/${prefix.length}` })
    return { poolId, pool, data: {} }
  }

  async releasePool(poolId: string): Promise<void> {
    const { share, space } = this.#find(poolId)
    space.release(share)
    this.#granted.delete(poolId)
  }

  async requestAddress(poolId: string, preferred: string | undefined, options: Labels): Promise<AddressGrant> {
    const { share, suffix } = this.#find(poolId)
    if (preferred === undefined) {
      // A gateway is asked for once, and people look for it at the beginning.
      const serial = options[SERIAL] === 'true' && options[ADDRESS_TYPE] !== GATEWAY
      return { address: formatAddress(share.takeAny(serial ? 'serial' : 'lowest')) + suffix, data: {} }
    }
    const address = readAddress(preferred)
    share.pool.take(address)
    return { address: formatAddress(address) + suffix, data: {} }
  }

  async releaseAddress(poolId: string, address: string): Promise<void> {
    this.#find(poolId).share.pool.release(readAddress(address))
  }

  async close(): Promise<void> {}

  #find(poolId: string): GrantedShare {
    const granted = this.#granted.get(poolId)
    if (granted !== undefined) return granted
    throw new EngineError('pool-unknown', `there is no pool ${JSON.stringify(poolId)}`)
  }
}

/** What a wish says about the pool: this one, or any of a size. @throws EngineError pool-invalid */
function readWish({ pool, subPool, family }: PoolWish): { prefix: Prefix; part?: Prefix } | { size?: number } {
  const { prefix, address } =
    pool === undefined || pool === '' ? { prefix: undefined, address: undefined } : readRange(pool)
  if (prefix !== undefined && prefix.family !== family) {
    throw new EngineError('pool-invalid', `pool ${pool} is not an IPv${family} one`)
  }
  const named = prefix !== undefined && address.value !== 0n
  if (subPool !== undefined && subPool !== '') {
    if (!named) throw new EngineError('pool-invalid', `sub-pool ${subPool} needs a pool that it is part of`)
    return { prefix, part: partOf(prefix, subPool) }
  }
  if (named) return { prefix }
  return prefix === undefined || prefix.length === 0 ? {} : { size: prefix.length }
}

function unknownSpace(name: string): EngineError {
  return new EngineError(
    'address-space-invalid',
    `there is no address space ${JSON.stringify(name)}: the default address manager has ${LOCAL} and ${GLOBAL}`,
  )
}
