/** Which addresses of a pool are taken. */
import { RangeSet } from '../../addresses/index.ts'

/** Addresses in a chunk: as many as a word of 32 bits can tell full words of. */
const CHUNK_BITS = 10n
const CHUNK_MASK = (1n << CHUNK_BITS) - 1n
const WORDS = 32

/** Index of the lowest bit that is set; `word` has one. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}

/** 1,024 neighbouring addresses. */
class Chunk {
  readonly #words = new Uint32Array(WORDS)
  /** Bit n: word n has no free address. */
  #fullWords = 0
  #taken = 0

  constructor(full: boolean) {
    if (!full) return
    this.#words.fill(0xffff_ffff)
    this.#fullWords = -1
    this.#taken = WORDS * 32
  }

  get full(): boolean {
    return this.#taken === WORDS * 32
  }

  get empty(): boolean {
    return this.#taken === 0
  }

  has(offset: number): boolean {
    return ((this.#words[offset >>> 5]! >>> (offset & 31)) & 1) === 1
  }

  add(offset: number): void {
    const at = offset >>> 5
    this.#words[at]! |= 1 << (offset & 31)
    this.#taken++
    if (this.#words[at] === 0xffff_ffff) this.#fullWords |= 1 << at
  }

  remove(offset: number): void {
    const at = offset >>> 5
    this.#words[at]! &= ~(1 << (offset & 31))
    this.#taken--
    this.#fullWords &= ~(1 << at)
  }

  /** Lowest free offset at or above `offset`; undefined when there is none. */
  nextFree(offset: number): number | undefined {
    const at = offset >>> 5
    const here = ~this.#words[at]! & (-1 << (offset & 31))
    if (here !== 0) return at * 32 + lowestBit(here)
    // A shift by 32 is one by 0.
    const above = at === WORDS - 1 ? 0 : ~this.#fullWords & (-1 << (at + 1))
    if (above === 0) return undefined
    const next = lowestBit(above)
    return next * 32 + lowestBit(~this.#words[next]!)
  }
}

/**
 * A set of addresses, sparse: chunks of 1,024 exist where something is taken and something free; runs of full ones are
 * ranges. Asking and changing cost one look-up, finding the next free address two and a binary search among the runs.
 */
export class AddressSet {
  readonly #partial = new Map<bigint, Chunk>()
  readonly #full = new RangeSet()

  /** True when the address is in the set. */
  has(address: bigint): boolean {
    const index = address >> CHUNK_BITS
    const chunk = this.#partial.get(index)
    return chunk === undefined ? this.#full.has(index) : chunk.has(Number(address & CHUNK_MASK))
  }

  /** Adds an address. @returns false when it was in the set */
  add(address: bigint): boolean {
    if (this.has(address)) return false
    const index = address >> CHUNK_BITS
    const chunk = this.#partial.get(index) ?? this.#newChunk(index, false)
    chunk.add(Number(address & CHUNK_MASK))
    if (chunk.full) {
      this.#partial.delete(index)
      this.#full.add(index, index)
    }
    return true
  }

  /** Removes an address. @returns false when it was not in the set */
  remove(address: bigint): boolean {
    if (!this.has(address)) return false
    const index = address >> CHUNK_BITS
    const chunk = this.#partial.get(index) ?? this.#reopen(index)
    chunk.remove(Number(address & CHUNK_MASK))
    if (chunk.empty) this.#partial.delete(index)
    return true
  }

  /** The lowest address from `first` to `last` that is not in the set. */
  nextFree(first: bigint, last: bigint): bigint | undefined {
    for (let at = first; at <= last; ) {
      const index = at >> CHUNK_BITS
      const chunk = this.#partial.get(index)
      const run = chunk === undefined ? this.#full.overlapping(index, index) : undefined
      if (run !== undefined) {
        at = (run.last + 1n) << CHUNK_BITS
        continue
      }
      const offset = chunk === undefined ? Number(at & CHUNK_MASK) : chunk.nextFree(Number(at & CHUNK_MASK))
      if (offset === undefined) {
        at = (index + 1n) << CHUNK_BITS
        continue
      }
      const free = (index << CHUNK_BITS) | BigInt(offset)
      return free <= last ? free : undefined
    }
    return undefined
  }

  #newChunk(index: bigint, full: boolean): Chunk {
    const chunk = new Chunk(full)
    this.#partial.set(index, chunk)
    return chunk
  }

  /** A full chunk of which something is about to become free. */
  #reopen(index: bigint): Chunk {
    this.#full.remove(index, index)
    return this.#newChunk(index, true)
  }
}
