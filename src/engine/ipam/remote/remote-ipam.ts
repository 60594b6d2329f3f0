/** Address managers that are Docker's IPAM plugins. */
import { formatAddress, formatPrefix, lastOf, type Prefix, parseCidr } from '../../addresses/index.ts'
import { EngineError, isEngineError } from '../../errors.ts'
import type { Labels } from '../../model.ts'
import { AnswerReader, type PluginClient } from '../../plugins/index.ts'
import { rangesToAvoid } from '../avoid.ts'
import type { AddressGrant, IpamCapabilities, IpamDriver, PoolGrant, PoolWish } from '../ipam-driver.ts'
import { readAddress } from '../outside-text.ts'

const GATEWAY = 'com.docker.network.gateway'
/** Pools that are asked for until one keeps clear of what is to be avoided. */
const MOST_OFFERS = 64

/** What is needed of a plugin's client. */
export type IpamPlugin = Pick<PluginClient, 'name' | 'call' | 'callIfThere' | 'close'>

/** Speaks the protocol of Docker's IPAM plugins. The plugin remembers; only what it answers is checked. */
export class RemoteIpam implements IpamDriver {
  readonly name: string
  readonly #plugin: IpamPlugin

  constructor(plugin: IpamPlugin) {
    this.name = plugin.name
    this.#plugin = plugin
  }

  /** Plugins older than this call have neither capability. @throws EngineError plugin-unreachable */
  async capabilities(): Promise<IpamCapabilities> {
    const method = 'IpamDriver.GetCapabilities'
    try {
      const answer = this.#reader(method, (await this.#plugin.callIfThere(method)) ?? {})
      return {
        requiresMacAddress: answer.flag('RequiresMACAddress'),
        requiresReplay: answer.flag('RequiresRequestReplay'),
      }
    } catch (error) {
      if (!isEngineError(error, 'plugin-failed')) throw error
      return { requiresMacAddress: false, requiresReplay: false }
    }
  }

  async defaultAddressSpaces(): Promise<{ readonly local: string; readonly global: string }> {
    const answer = await this.#call('IpamDriver.GetDefaultAddressSpaces')
    return { local: answer.text('LocalDefaultAddressSpace'), global: answer.text('GlobalDefaultAddressSpace') }
  }

  /**
   * A plugin does not hear what to avoid. Pools of its choice that overlap with that are held until it offers another one,
   * and then given back.
   */
  async requestPool(wish: PoolWish): Promise<PoolGrant> {
    const held: PoolGrant[] = []
    try {
      for (;;) {
        const { grant, prefix } = await this.#offer(wish)
        if (wish.pool || !overlaps(prefix, wish.avoid)) return grant
        const again = held.some(({ poolId }) => poolId === grant.poolId)
        held.push(grant)
        if (again || held.length === MOST_OFFERS) throw this.#onlyOverlapping(grant, held.length)
      }
    } finally {
      for (const poolId of new Set(held.map((grant) => grant.poolId))) await this.#giveBack(poolId)
    }
  }

  async releasePool(poolId: string): Promise<void> {
    await this.#call('IpamDriver.ReleasePool', { PoolID: poolId })
  }

  async requestAddress(poolId: string, preferred: string | undefined, options: Labels): Promise<AddressGrant> {
    const method = 'IpamDriver.RequestAddress'
    const answer = await this.#call(method, { PoolID: poolId, Address: preferred ?? '', Options: options })
    const text = answer.text('Address')
    if (text === '') {
      throw new EngineError(
        'addresses-exhausted',
        `the plugin ${this.name} gave no address of pool ${JSON.stringify(poolId)}`,
      )
    }
    const { address, prefix } = readCidr(answer, 'Address', text)
    return { address: `${formatAddress(address)}/${prefix.length}`, data: answer.labels('Data') }
  }

  async releaseAddress(poolId: string, address: string): Promise<void> {
    await this.#call('IpamDriver.ReleaseAddress', { PoolID: poolId, Address: formatAddress(readAddress(address)) })
  }

  async close(): Promise<void> {
    this.#plugin.close()
  }

  /** Asks for a pool once. One whose description cannot be used is given back. */
  async #offer(wish: PoolWish): Promise<{ grant: PoolGrant; prefix: Prefix }> {
    const answer = await this.#call('IpamDriver.RequestPool', {
      AddressSpace: wish.addressSpace,
      Pool: wish.pool ?? '',
      SubPool: wish.subPool ?? '',
      Options: wish.options,
      V6: wish.family === 6,
    })
    const poolId = answer.text('PoolID')
    if (poolId === '') throw answer.wrong('PoolID', poolId, 'a name is wanted')
    try {
      return readPool(answer, poolId, wish.family)
    } catch (error) {
      await this.#giveBack(poolId)
      throw error
    }
  }

  /** What cannot be given back stays with the plugin; the network's fate does not hang on it. */
  async #giveBack(poolId: string): Promise<void> {
    await this.releasePool(poolId).catch(() => undefined)
  }

  async #call(method: string, body?: object): Promise<AnswerReader> {
    return this.#reader(method, await this.#plugin.call(method, body))
  }

  #reader(method: string, answer: Awaited<ReturnType<IpamPlugin['call']>>): AnswerReader {
    return new AnswerReader(answer, this.name, method)
  }

  #onlyOverlapping(grant: PoolGrant, offers: number): EngineError {
    return new EngineError(
      'pools-exhausted',
      `the plugin ${this.name} offered ${offers} pools, the last ${grant.pool}, and each overlaps with a route or nameserver of the host: name a pool`,
    )
  }
}

function readPool(answer: AnswerReader, poolId: string, family: 4 | 6): { grant: PoolGrant; prefix: Prefix } {
  const text = answer.text('Pool')
  const { prefix } = readCidr(answer, 'Pool', text)
  if (prefix.family !== family) throw answer.wrong('Pool', text, `an IPv${family} range is wanted`)
  const data = answer.labels('Data')
  if (data[GATEWAY] !== undefined) readCidr(answer, 'Data', data[GATEWAY])
  return { grant: { poolId, pool: formatPrefix(prefix), data }, prefix }
}

function readCidr(answer: AnswerReader, field: string, text: string): ReturnType<typeof parseCidr> {
  try {
    return parseCidr(text)
  } catch {
    throw answer.wrong(field, text, 'an address with prefix length is wanted')
  }
}

/** A pool of all addresses is how plugins say that they have none: it is in nobody's way. */
function overlaps(pool: Prefix, avoid: readonly string[]): boolean {
  return pool.length > 0 && rangesToAvoid(avoid, pool.family).overlapping(pool.first, lastOf(pool)) !== undefined
}
