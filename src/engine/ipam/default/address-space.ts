/** An address space: pools that must not overlap, and the predefined ones that are chosen from. */
import {
  containsPrefix,
  formatPrefix,
  lastOf,
  nextFreePrefix,
  type Prefix,
  prefixesOverlap,
  RangeSet,
} from '../../addresses/index.ts'
import { EngineError } from '../../errors.ts'
import { rangesToAvoid } from '../avoid.ts'
import { readRange } from '../outside-text.ts'
import { Pool, PoolShare } from './pool.ts'
import type { PoolBase } from './predefined-pools.ts'

/** A pool that is allocated, and by what it is held: the whole of it, shares of it, or both. */
interface HeldPool {
  readonly pool: Pool
  /** By the text of their range; the empty one is the whole pool. */
  readonly shares: Map<string, PoolShare>
}

const WHOLE = ''

/** The pools of one address space. */
export class AddressSpace {
  readonly #name: string
  readonly #bases: readonly PoolBase[]
  readonly #held = new Map<string, HeldPool>()
  /** All that lies in a held pool, by family. */
  readonly #occupied = { 4: new RangeSet(), 6: new RangeSet() } as const

  constructor(name: string, bases: readonly PoolBase[]) {
    this.#name = name
    this.#bases = bases
  }

  /**
   * Allocates a pool, or a part of one. Parts of one pool share it, whole pools must not overlap; a part is not held against
   * pools that overlap with its own, which networks on one parent interface rely on.
   * @throws EngineError pool-overlap
   */
  allocate(prefix: Prefix, part: Prefix | undefined): PoolShare {
    const key = formatPrefix(prefix)
    const partKey = part === undefined ? WHOLE : formatPrefix(part)
    const present = this.#held.get(key)
    if (part === undefined) this.#checkFree(prefix)
    if (present?.shares.has(partKey)) throw this.#overlap(`${partKey} of ${key}`, 'itself, which is allocated already')
    const held = present ?? this.#hold(key, prefix)
    const share = new PoolShare(held.pool, part ?? prefix)
    held.shares.set(partKey, share)
    return share
  }

  /**
   * Allocates the first predefined pool that keeps clear of all others and of `avoid`.
   * @param size prefix length; that of the predefined pools when undefined
   * @throws EngineError pool-invalid when no predefined pool can be of this size, pools-exhausted
   */
  allocateAny(family: 4 | 6, size: number | undefined, avoid: readonly string[]): PoolShare {
    const bases = this.#bases.filter(({ base }) => base.family === family && (size ?? base.length) >= base.length)
    if (bases.length === 0 && size !== undefined) {
      throw new EngineError('pool-invalid', `no predefined IPv${family} pool of ${this.#name} has room for a /${size}`)
    }
    const shunned = rangesToAvoid(avoid, family)
    for (const { base, size: usual } of bases) {
      const free = nextFreePrefix(base, size ?? usual, [this.#occupied[family], shunned])
      if (free !== undefined) return this.allocate(free, undefined)
    }
    throw new EngineError(
      'pools-exhausted',
      `every predefined IPv${family} pool of ${this.#name} is allocated or overlaps with a route or nameserver of the host: name a pool, or remove networks`,
    )
  }

  /** Gives a share back. The pool is free when nobody holds any of it. */
  release(share: PoolShare): void {
    const { prefix } = share.pool
    const key = formatPrefix(prefix)
    const held = this.#held.get(key)
    if (held === undefined) return
    for (const [part, each] of held.shares) if (each === share) held.shares.delete(part)
    if (held.shares.size > 0) return
    this.#held.delete(key)
    this.#vacate(prefix)
  }

  #hold(key: string, prefix: Prefix): HeldPool {
    const held = { pool: new Pool(prefix), shares: new Map<string, PoolShare>() }
    this.#held.set(key, held)
    this.#occupied[prefix.family].add(prefix.first, lastOf(prefix))
    return held
  }

  /** Pools of which only parts are held may overlap with others: what those cover stays occupied. */
  #vacate(prefix: Prefix): void {
    const occupied = this.#occupied[prefix.family]
    occupied.remove(prefix.first, lastOf(prefix))
    for (const { pool } of this.#held.values()) {
      if (prefixesOverlap(pool.prefix, prefix)) occupied.add(pool.prefix.first, lastOf(pool.prefix))
    }
  }

  #checkFree(prefix: Prefix): void {
    if (this.#occupied[prefix.family].overlapping(prefix.first, lastOf(prefix)) === undefined) return
    const other = [...this.#held.values()].find(({ pool }) => prefixesOverlap(pool.prefix, prefix))
    throw this.#overlap(formatPrefix(prefix), formatPrefix(other!.pool.prefix))
  }

  #overlap(wanted: string, other: string): EngineError {
    return new EngineError('pool-overlap', `pool ${wanted} overlaps with ${other} in address space ${this.#name}`)
  }
}

/** The part of a pool that was asked for; all of it when more was. @throws EngineError pool-invalid when it lies elsewhere */
export function partOf(pool: Prefix, text: string): Prefix {
  const { prefix } = readRange(text)
  if (containsPrefix(pool, prefix)) return prefix
  if (containsPrefix(prefix, pool)) return pool
  throw new EngineError('pool-invalid', `sub-pool ${formatPrefix(prefix)} lies outside pool ${formatPrefix(pool)}`)
}
