/** One routing table, in the order in which its routes are considered. */
import { type Route, tableOf } from '../../../kernel/index.ts'
import type { Family } from '../place.ts'
import { ADDRESS_BITS, addressBits } from './address-bits.ts'

/** Routes of the same prefix. */
export interface PrefixRoutes {
  readonly length: number
  readonly routes: readonly Route[]
}

/** A routing table. */
export class RoutingTable {
  readonly #width: number
  /** Longest prefix first. */
  readonly #lengths: readonly number[]
  readonly #byLength: ReadonlyMap<number, ReadonlyMap<bigint, readonly Route[]>>

  constructor(family: Family, routes: readonly Route[]) {
    this.#width = ADDRESS_BITS[family]
    const byLength = new Map<number, Map<bigint, Route[]>>()
    for (const route of [...routes].sort(inOrder)) {
      const { destinationLength: length, destination } = route
      const prefixes = byLength.get(length) ?? new Map<bigint, Route[]>()
      byLength.set(length, prefixes)
      const key = this.#key(destination === undefined ? 0n : addressBits(destination), length)
      const same = prefixes.get(key)
      if (same === undefined) prefixes.set(key, [route])
      else same.push(route)
    }
    this.#byLength = byLength
    this.#lengths = [...byLength.keys()].sort((a, b) => b - a)
  }

  /** Routes whose prefix holds the address, the longest prefixes first. */
  *matching(address: bigint): Generator<PrefixRoutes> {
    for (const length of this.#lengths) {
      const routes = this.#byLength.get(length)!.get(this.#key(address, length))
      if (routes !== undefined) yield { length, routes }
    }
  }

  #key(address: bigint, length: number): bigint {
    return address >> BigInt(this.#width - length)
  }
}

/**
 * Among routes of one prefix: of two tables that are looked up as one the higher comes first (local before main), then the
 * higher type of service, then the lower metric (fib_find_alias, net/ipv4/fib_trie.c); else as the kernel lists them.
 */
function inOrder(a: Route, b: Route): number {
  return tableOf(b) - tableOf(a) || b.tos - a.tos || (a.priority ?? 0) - (b.priority ?? 0)
}
