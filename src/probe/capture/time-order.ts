/**
 * Bringing what several sources give into the order of time. Each source is in order itself; a source that is silent says
 * nothing of what it may still give, so what is younger than some age is held back.
 */

/** Times are told from here, so that nanoseconds fit into a number. */
const ORIGIN_SECONDS = Math.floor(Date.now() / 1000)

/** Nanoseconds of a moment, for comparing. */
export function orderTime(seconds: number, nanoseconds: number): number {
  return (seconds - ORIGIN_SECONDS) * 1e9 + nanoseconds
}

interface Queue<T> {
  readonly times: number[]
  readonly items: T[]
  first: number
}

/** Items of several sources, given out in the order of their times. */
export class TimeOrder<T> {
  readonly #queues: Queue<T>[]
  #count = 0

  constructor(sources: number) {
    this.#queues = Array.from({ length: sources }, () => ({ times: [], items: [], first: 0 }))
  }

  /** Items that wait. */
  get waiting(): number {
    return this.#count
  }

  /**
   * Adds an item; one that is older than the source's last one (packets of several processors) is put where it belongs.
   * @param time as `orderTime` tells it
   */
  push(source: number, time: number, item: T): void {
    const { times, items, first } = this.#queues[source]!
    let at = times.length
    while (at > first && times[at - 1]! > time) at--
    if (at === times.length) {
      times.push(time)
      items.push(item)
    } else {
      times.splice(at, 0, time)
      items.splice(at, 0, item)
    }
    this.#count++
  }

  /** Gives out what is not younger than `until`, oldest first. */
  release(until: number, visit: (item: T) => void): void {
    for (;;) {
      let oldest: Queue<T> | undefined
      for (const queue of this.#queues) {
        const time = queue.times[queue.first]
        if (time === undefined || time > until) continue
        if (oldest === undefined || time < oldest.times[oldest.first]!) oldest = queue
      }
      if (oldest === undefined) break
      const item = oldest.items[oldest.first]!
      oldest.first++
      this.#count--
      visit(item)
    }
    for (const queue of this.#queues) {
      if (queue.first === 0) continue
      queue.times.splice(0, queue.first)
      queue.items.splice(0, queue.first)
      queue.first = 0
    }
  }
}
