/** A deadline that counts only time in which answers could be received. */

/** Longest piece of time that is counted at once, in milliseconds. */
const SLICE = 100

/**
 * Waits for others while this thread may be busy: time that the thread spent on other work counts as one slice, however long
 * it was. A plain timer would end as soon as the thread is free again, with the answers lying unread in their sockets.
 */
export class Patience {
  /** Aborted when the patience has ended, or was no longer needed. */
  readonly signal: AbortSignal
  readonly #controller = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #remaining: number

  /** @param milliseconds from now on */
  constructor(milliseconds: number) {
    this.signal = this.#controller.signal
    this.#remaining = milliseconds
    this.#wait()
  }

  /** Ends it early; nothing keeps the process alive any more. */
  end(): void {
    clearTimeout(this.#timer)
    this.#controller.abort()
  }

  #wait(): void {
    const slice = Math.min(SLICE, this.#remaining)
    this.#timer = setTimeout(() => {
      this.#remaining -= slice
      if (this.#remaining > 0) this.#wait()
      else this.end()
    }, slice)
  }
}
