/** A pool of the default address manager, and the parts of it that networks hold. */
import {
  type Address,
  containsAddress,
  formatAddress,
  formatPrefix,
  lastOf,
  type Prefix,
} from '../../addresses/index.ts'
import { EngineError } from '../../errors.ts'
import { AddressSet } from './address-set.ts'

/** Shortest IPv4 prefix whose lowest and highest address are hosts too: point-to-point links (RFC 3021) and single hosts. */
const SHORTEST_WITHOUT_RESERVED = 31

/** How a free address is chosen: the lowest, or the one after that which was handed out last. */
export type Choice = 'lowest' | 'serial'

/** Addresses of one prefix. All its shares take from them, so that two that overlap never give the same. */
export class Pool {
  readonly prefix: Prefix
  readonly #taken = new AddressSet()
  /** The addresses that may be given. */
  readonly #lowest: bigint
  readonly #highest: bigint

  constructor(prefix: Prefix) {
    this.prefix = prefix
    const bothEnds = prefix.family === 4 && prefix.length >= SHORTEST_WITHOUT_RESERVED
    // The lowest address of an IPv6 subnet means its routers (RFC 4291, 2.6.1); IPv6 has no broadcast address.
    this.#lowest = bothEnds ? prefix.first : prefix.first + 1n
    this.#highest = bothEnds || prefix.family === 6 ? lastOf(prefix) : lastOf(prefix) - 1n
  }

  /** Takes this address. @throws EngineError address-taken, address-out-of-range */
  take(address: Address): void {
    this.#checkWithin(address)
    const { value } = address
    if (value < this.#lowest || value > this.#highest) {
      const role = value < this.#lowest ? 'network' : 'broadcast'
      throw this.#refusal('address-taken', `${formatAddress(address)} is the ${role} address of`)
    }
    if (!this.#taken.add(value)) throw this.#refusal('address-taken', `${formatAddress(address)} is already taken in`)
  }

  /** Takes the lowest free address from `first` to `last`; undefined when none is free. */
  takeBetween(first: bigint, last: bigint): bigint | undefined {
    const low = first < this.#lowest ? this.#lowest : first
    const found = this.#taken.nextFree(low, last > this.#highest ? this.#highest : last)
    if (found !== undefined) this.#taken.add(found)
    return found
  }

  /** Gives an address back; one that is free stays so. @throws EngineError address-out-of-range */
  release(address: Address): void {
    this.#checkWithin(address)
    this.#taken.remove(address.value)
  }

  #checkWithin(address: Address): void {
    if (containsAddress(this.prefix, address)) return
    throw this.#refusal('address-out-of-range', `${formatAddress(address)} lies outside`)
  }

  #refusal(code: 'address-taken' | 'address-out-of-range', beginning: string): EngineError {
    return new EngineError(code, `${beginning} pool ${formatPrefix(this.prefix)}`)
  }
}

/** What a network holds of a pool: all of it, or a part that its addresses are taken from. */
export class PoolShare {
  readonly pool: Pool
  readonly range: Prefix
  /** After the address that was handed out last. */
  #cursor: bigint

  constructor(pool: Pool, range: Prefix) {
    this.pool = pool
    this.range = range
    this.#cursor = range.first
  }

  /** An address of its range, free until now. @throws EngineError addresses-exhausted */
  takeAny(choice: Choice): Address {
    const { first, family } = this.range
    const last = lastOf(this.range)
    const start = choice === 'serial' && this.#cursor <= last ? this.#cursor : first
    const value = this.pool.takeBetween(start, last) ?? this.pool.takeBetween(first, start - 1n)
    if (value === undefined) {
      const part = this.range.length === this.pool.prefix.length ? '' : `part ${formatPrefix(this.range)} of `
      throw new EngineError(
        'addresses-exhausted',
        `no address is free in ${part}pool ${formatPrefix(this.pool.prefix)}: remove endpoints, or take a wider pool`,
      )
    }
    this.#cursor = value + 1n
    return { family, value }
  }
}
