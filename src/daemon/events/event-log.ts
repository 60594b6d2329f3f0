/**
 * The last events, each with an id, so that a reader whose connection broke can go on where it was. Ids tell apart the runs
 * of the daemon: what happened in an earlier one is not kept.
 */

/** An event under its id. */
export interface LoggedEvent<E> {
  /** `<run>.<number>` */
  readonly id: string
  readonly event: E
}

/** Where a reader stands who comes back. */
export interface Resumption<E> {
  /** What it missed, oldest first; nothing when that is incomplete. */
  readonly missed: readonly LoggedEvent<E>[]
  /** Some of what it missed is not kept any more: it has to list everything afresh. */
  readonly incomplete: boolean
}

/** Events that are kept for those who come back. */
export const KEPT_EVENTS = 4096

/** The last events of one run. */
export class EventLog<E> {
  readonly #run: string
  readonly #capacity: number
  readonly #kept: LoggedEvent<E>[] = []
  readonly #readers = new Set<(event: LoggedEvent<E>) => void>()
  #last = 0

  /** @param run what no other run of the daemon is called, without a dot */
  constructor(run: string, capacity = KEPT_EVENTS) {
    this.#run = run
    this.#capacity = capacity
  }

  /** Keeps an event and tells the readers. */
  append(event: E): void {
    this.#last++
    const logged = { id: `${this.#run}.${this.#last}`, event }
    this.#kept.push(logged)
    if (this.#kept.length > this.#capacity) this.#kept.shift()
    for (const reader of this.#readers) reader(logged)
  }

  /** The id of the last event, from which one can go on: also when there was none yet. */
  get lastId(): string {
    return `${this.#run}.${this.#last}`
  }

  get readers(): number {
    return this.#readers.size
  }

  /** What came after the event of this id. */
  after(id: string): Resumption<E> {
    const number = this.#numberOf(id)
    const wanted = this.#last - (number ?? 0)
    if (number === undefined || wanted > this.#kept.length) return { missed: [], incomplete: true }
    return { missed: wanted === 0 ? [] : this.#kept.slice(-wanted), incomplete: false }
  }

  /** Calls `reader` for every event from now on. @returns stops it */
  follow(reader: (event: LoggedEvent<E>) => void): () => void {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  /** The number of an event of this run that has happened. */
  #numberOf(id: string): number | undefined {
    const [run, digits] = id.split('.', 2)
    const number = /^\d{1,15}$/.test(digits ?? '') ? Number(digits) : Number.NaN
    return run === this.#run && number <= this.#last ? number : undefined
  }
}
