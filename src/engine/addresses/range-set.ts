/** A set of whole numbers kept as its runs. */

/** Numbers from `first` to `last`, both included. */
export interface Range {
  readonly first: bigint
  readonly last: bigint
}

/**
 * A set of numbers of any size whose cost is the number of its runs: they lie apart, in order, in an array. Looking up is a
 * binary search; adding and removing also move the runs behind.
 */
export class RangeSet {
  readonly #runs: Range[] = []

  /** The runs, in order. */
  get ranges(): readonly Range[] {
    return this.#runs
  }

  /** The lowest run that shares a number with `first` to `last`. */
  overlapping(first: bigint, last: bigint): Range | undefined {
    const run = this.#runs[this.#indexOfRunEndingAt(first)]
    return run !== undefined && run.first <= last ? run : undefined
  }

  /** True when the set holds this number. */
  has(value: bigint): boolean {
    return this.overlapping(value, value) !== undefined
  }

  /** Adds the numbers from `first` to `last`. */
  add(first: bigint, last: bigint): void {
    // Runs that touch the new one join it.
    const from = this.#indexOfRunEndingAt(first - 1n)
    let to = from
    let [low, high] = [first, last]
    for (let run = this.#runs[to]; run !== undefined && run.first <= last + 1n; run = this.#runs[++to]) {
      if (run.first < low) low = run.first
      if (run.last > high) high = run.last
    }
    this.#runs.splice(from, to - from, { first: low, last: high })
  }

  /** Removes the numbers from `first` to `last`. */
  remove(first: bigint, last: bigint): void {
    const from = this.#indexOfRunEndingAt(first)
    let to = from
    const rests: Range[] = []
    for (let run = this.#runs[to]; run !== undefined && run.first <= last; run = this.#runs[++to]) {
      if (run.first < first) rests.push({ first: run.first, last: first - 1n })
      if (run.last > last) rests.push({ first: last + 1n, last: run.last })
    }
    this.#runs.splice(from, to - from, ...rests)
  }

  /** Index of the lowest run that ends at `value` or above. */
  #indexOfRunEndingAt(value: bigint): number {
    let low = 0
    let high = this.#runs.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#runs[middle]!.last < value) low = middle + 1
      else high = middle
    }
    return low
  }
}
