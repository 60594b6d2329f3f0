/** Waiting for something to happen, but not for ever. */

/** Wakes the one who waits. */
export class Bell {
  #wake: (() => void) | undefined

  /** Ends the wait that is under way. */
  ring(): void {
    this.#wake?.()
  }

  /** Resolves once `done` says so, asked each time the bell rings, or after `milliseconds`, or when `signal` aborts. */
  async until(done: () => boolean, milliseconds: number, signal?: AbortSignal): Promise<void> {
    const end = performance.now() + milliseconds
    while (!done() && signal?.aborted !== true) {
      const left = end - performance.now()
      if (left <= 0) return
      await this.#rung(left, signal)
    }
  }

  #rung(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', finish)
        this.#wake = undefined
        resolve()
      }
      const timer = setTimeout(finish, milliseconds)
      signal?.addEventListener('abort', finish)
      this.#wake = finish
    })
  }
}
