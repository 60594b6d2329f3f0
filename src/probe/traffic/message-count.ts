/** Counting numbered messages: which arrived, which did not, and how long they took. */
import type { TrafficLatency } from './traffic-report.ts'

/** Numbers that are remembered; a message that comes later than so many others counts as out of order, and no more. */
const WINDOW = 65_536

/** Counts of some time. */
export interface MessageCounts {
  readonly sent: number
  readonly received: number
  readonly lost: number
  readonly outOfOrder: number
  readonly bytes: number
  readonly latency: TrafficLatency | null
}

/** Numbers that were sent up to some moment. */
interface Mark {
  readonly at: number
  readonly sent: number
}

/** Keeps count. Messages are numbered from 0 in the order in which they are sent. */
export class MessageCount {
  readonly #patience: number
  readonly #arrived = new Uint8Array(WINDOW)
  readonly #marks: Mark[] = []
  #sent = 0
  #judged = 0
  #lost = 0
  #received = 0
  #outOfOrder = 0
  #bytes = 0
  #highest = -1
  #least = Number.POSITIVE_INFINITY
  #most = 0
  #sum = 0

  /** @param patience milliseconds after which a message that has not come is lost */
  constructor(patience: number) {
    this.#patience = patience
  }

  /** Messages sent so far; the next one has this number. */
  get sent(): number {
    return this.#sent
  }

  /** `count` messages were sent at `now` (milliseconds). */
  send(count: number, now: number): void {
    for (let i = 0; i < count; i++) {
      const number = this.#sent + i
      // A slot is used again: what stood there is judged now, if it was not before.
      if (number - WINDOW >= this.#judged) this.#judge(number - WINDOW + 1)
      this.#arrived[number % WINDOW] = 0
    }
    this.#sent += count
    this.#marks.push({ at: now, sent: this.#sent })
  }

  /** A message arrived, `microseconds` after it was sent. Copies of one count once. */
  receive(number: number, bytes: number, microseconds: number): void {
    if (number >= this.#sent || number < this.#sent - WINDOW) return
    if (this.#arrived[number % WINDOW] === 1) return
    this.#arrived[number % WINDOW] = 1
    this.#received++
    this.#bytes += bytes
    if (number < this.#highest) this.#outOfOrder++
    else this.#highest = number
    if (number < this.#judged) this.#lost--
    this.#least = Math.min(this.#least, microseconds)
    this.#most = Math.max(this.#most, microseconds)
    this.#sum += microseconds
  }

  /** The counts since the last time they were taken; losses are those that have become certain by `now`. */
  take(now: number): MessageCounts {
    let due = this.#judged
    while (this.#marks.length > 0 && this.#marks[0]!.at <= now - this.#patience) due = this.#marks.shift()!.sent
    this.#judge(due)
    const counts = {
      sent: this.#sent,
      received: this.#received,
      lost: this.#lost,
      outOfOrder: this.#outOfOrder,
      bytes: this.#bytes,
      latency: this.#latency(),
    }
    this.#least = Number.POSITIVE_INFINITY
    this.#most = 0
    this.#sum = 0
    this.#counted = this.#received
    return counts
  }

  #counted = 0

  #latency(): TrafficLatency | null {
    const count = this.#received - this.#counted
    if (count <= 0) return null
    const tenths = (value: number): number => Math.round(value * 10) / 10
    return { least: tenths(this.#least), mean: tenths(this.#sum / count), most: tenths(this.#most) }
  }

  #judge(until: number): void {
    for (let number = this.#judged; number < until; number++) if (this.#arrived[number % WINDOW] === 0) this.#lost++
    this.#judged = Math.max(this.#judged, until)
  }
}
