/** Round trip times of one target, summed up as they come in. */

/** Milliseconds. */
export interface RoundTripSummary {
  readonly minimum: number
  readonly average: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly maximum: number
  /** Standard deviation, as ping(8) calls it mdev. */
  readonly deviation: number
}

/** Times kept for percentiles: those of the last packets, when a ping runs for days. */
const MOST_KEPT = 10_000

/** Round trip times. Extremes, average and deviation are of all of them, percentiles of the last ten thousand. */
export class RoundTrips {
  readonly #kept: number[] = []
  #count = 0
  #sum = 0
  #squares = 0
  #minimum = Number.POSITIVE_INFINITY
  #maximum = 0

  /** Milliseconds. */
  add(milliseconds: number): void {
    this.#kept[this.#count % MOST_KEPT] = milliseconds
    this.#count++
    this.#sum += milliseconds
    this.#squares += milliseconds ** 2
    this.#minimum = Math.min(this.#minimum, milliseconds)
    this.#maximum = Math.max(this.#maximum, milliseconds)
  }

  /** Null before the first. */
  summary(): RoundTripSummary | null {
    if (this.#count === 0) return null
    const sorted = this.#kept.toSorted((a, b) => a - b)
    const average = this.#sum / this.#count
    return {
      minimum: this.#minimum,
      average,
      p50: percentile(sorted, 50),
      p95: percentile(sorted, 95),
      p99: percentile(sorted, 99),
      maximum: this.#maximum,
      deviation: Math.sqrt(Math.max(0, this.#squares / this.#count - average ** 2)),
    }
  }
}

/** The smallest value that at least `percent` of all do not exceed. */
function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)]!
}
