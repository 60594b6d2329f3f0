/** Pieces of work, one after the other. */

/** A queue of one. */
export class InTurn {
  #last: Promise<unknown> = Promise.resolve()

  /** Runs `work` when everything before it is over, however that ended. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work)
    this.#last = mine
    return mine
  }

  /** Settles when nothing is under way or waits. */
  async idle(): Promise<void> {
    await this.#last.catch(() => {})
  }
}
