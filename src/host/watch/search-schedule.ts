/** When to search the host: soon after there may be news, and not more often than makes sense. */

/**
 * How thoroughly: `quick` looks at names, mounts, processes and threads; `deep` also at what processes have open; `anew` does
 * that too and trusts nothing that was known before.
 */
export type SearchDepth = 'quick' | 'deep' | 'anew'

const DEPTHS: readonly SearchDepth[] = ['quick', 'deep', 'anew']

/** Least time between the end of a search and the next, in milliseconds: a burst of new namespaces is found in few searches. */
const SPACING = 20
/** The most that a slow search delays the next one: namespaces shall join within 200 ms. */
const LONGEST_SPACING = 80

/** Searches that were asked for and have not been made yet. Its timer does not keep the process alive. */
export class SearchSchedule {
  readonly #search: (depth: SearchDepth) => void
  #wanted: SearchDepth | undefined
  #timer: NodeJS.Timeout | undefined
  #earliest = 0
  #closed = false

  /** @param search is called with the most thorough depth that was asked for meanwhile */
  constructor(search: (depth: SearchDepth) => void) {
    this.#search = search
  }

  /** Asks for a search. */
  request(depth: SearchDepth): void {
    if (this.#closed) return
    if (this.#wanted === undefined || DEPTHS.indexOf(depth) > DEPTHS.indexOf(this.#wanted)) this.#wanted = depth
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => this.#run(), Math.max(0, this.#earliest - performance.now()))
    this.#timer.unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #run(): void {
    const depth = this.#wanted ?? 'quick'
    this.#wanted = undefined
    this.#timer = undefined
    const start = performance.now()
    this.#search(depth)
    // Half of the time at most goes into searches.
    const end = performance.now()
    this.#earliest = end + Math.min(LONGEST_SPACING, Math.max(SPACING, end - start))
  }
}
