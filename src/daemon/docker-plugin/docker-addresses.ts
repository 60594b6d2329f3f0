/**
 * dockerd's pools and addresses, from the same allocator as the engine's own, so that the two never overlap. The allocator
 * forgets them with the process; they are taken again from the register at the start, before anybody else can ask.
 */
import { EngineError, type IpamDriver, type KeyedLock } from '../../engine/index.ts'
import type { RequestedPool } from './messages.ts'
import { type LeaseEntry, type PoolEntry, type Register, withoutLength } from './register.ts'

/** What is needed to give addresses. */
export interface DockerAddressesInit {
  readonly ipam: IpamDriver
  readonly register: Register
  readonly locks: KeyedLock
}

const ADDRESS_TYPE = 'RequestAddressType'
const GATEWAY = 'com.docker.network.gateway'
/**
 * A pool from which no address was given and that is in no network after this time belongs to a dockerd that ended in the
 * middle of creating a network: nobody will ever give it back.
 */
const ABANDONED_MILLISECONDS = 120_000

/** Pools and addresses of one dockerd. */
export class DockerAddresses {
  readonly #ipam: IpamDriver
  readonly #register: Register
  readonly #locks: KeyedLock
  /** The allocator's ids of pools, by those that dockerd knows. */
  readonly #poolIds = new Map<string, string>()

  constructor({ ipam, register, locks }: DockerAddressesInit) {
    this.#ipam = ipam
    this.#register = register
    this.#locks = locks
  }

  /** Takes what the register knows from the allocator again. @throws EngineError when the engine has given it to others */
  restore(): Promise<void> {
    return this.#alone(async () => {
      for (const pool of this.#register.pools()) {
        const { poolId } = await this.#ipam.requestPool(wishOf(pool))
        this.#poolIds.set(pool.id, poolId)
        for (const { address } of this.#register.leasesOf(pool.id)) {
          await this.#ipam.requestAddress(poolId, withoutLength(address), {})
        }
      }
    })
  }

  addressSpaces(): Promise<{ readonly local: string; readonly global: string }> {
    return this.#ipam.defaultAddressSpaces()
  }

  /** @throws EngineError pool-invalid, pool-overlap, pools-exhausted, address-space-invalid */
  requestPool(request: RequestedPool): Promise<PoolEntry> {
    return this.#alone(async () => {
      await this.#dropAbandoned()
      const asked = {
        addressSpace: request.AddressSpace,
        pool: request.Pool,
        subPool: request.SubPool,
        family: request.V6 ? 6 : 4,
        options: request.Options,
      } as const
      const { poolId, pool } = await this.#ipam.requestPool(wishOf(asked))
      const entry: PoolEntry = { ...asked, id: poolId, pool, requested: Date.now() }
      this.#register.putPool(entry)
      this.#poolIds.set(entry.id, poolId)
      return entry
    })
  }

  /** A pool that is unknown was given back before. */
  releasePool(id: string): Promise<void> {
    return this.#alone(() => this.#giveBack(id))
  }

  async #giveBack(id: string): Promise<void> {
    const poolId = this.#poolIds.get(id)
    // First from the register: what is in neither is free, what is in the allocator alone is free after the next start.
    this.#register.removePool(id)
    this.#poolIds.delete(id)
    if (poolId !== undefined) await this.#ipam.releasePool(poolId)
  }

  async #dropAbandoned(): Promise<void> {
    const networks = new Set(this.#register.allNetworks().flatMap((network) => network.pools.map(({ pool }) => pool)))
    const before = Date.now() - ABANDONED_MILLISECONDS
    for (const { id, pool, requested } of this.#register.pools()) {
      const used = networks.has(pool) || this.#register.leasesOf(id).length > 0
      if (!used && requested < before) await this.#giveBack(id)
    }
  }

  /**
   * @param address a certain one, or empty for any
   * @returns with prefix length
   * @throws EngineError address-taken, address-out-of-range, addresses-exhausted, pool-unknown
   */
  requestAddress(id: string, address: string, options: Readonly<Record<string, string>>): Promise<string> {
    return this.#alone(async () => {
      const gateway = options[ADDRESS_TYPE] === GATEWAY
      const former = this.#register.lease(id, address)
      // The gateway of a pool, asked for once more: dockerd had no answer the first time.
      if (gateway && former?.gateway === true) return former.address
      const grant = await this.#ipam.requestAddress(this.#poolId(id), address === '' ? undefined : address, options)
      const lease: LeaseEntry = { poolId: id, address: grant.address, gateway }
      this.#register.putLease(lease)
      return lease.address
    })
  }

  /** An address that is free stays so. */
  releaseAddress(id: string, address: string): Promise<void> {
    return this.#alone(async () => {
      const poolId = this.#poolIds.get(id)
      if (poolId === undefined || this.#register.lease(id, address) === undefined) return
      this.#register.removeLease(id, address)
      await this.#ipam.releaseAddress(poolId, address)
    })
  }

  #poolId(id: string): string {
    const poolId = this.#poolIds.get(id)
    if (poolId !== undefined) return poolId
    throw new EngineError('pool-unknown', `netwright has given Docker no pool ${JSON.stringify(id.slice(0, 80))}`)
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#locks.hold(`ipam:${this.#ipam.name}`, work)
  }
}

function wishOf({ addressSpace, pool, subPool, family, options }: Omit<PoolEntry, 'id' | 'requested'>) {
  return {
    addressSpace,
    family,
    options,
    // dockerd compares pools that it did not choose with the host's routes itself, and asks for others.
    avoid: [],
    ...(pool === '' ? {} : { pool }),
    ...(subPool === '' ? {} : { subPool }),
  }
}
