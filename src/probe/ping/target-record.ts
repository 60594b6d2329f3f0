/** What became of the requests to one target of a ping. */
import { type RoundTripSummary, RoundTrips } from './round-trips.ts'

/** Something to ping. */
export interface PingTarget {
  /** As whoever asked calls it. */
  readonly label: string
  readonly address: string
}

/** What became of a target's requests. */
export interface PingStatistics extends PingTarget {
  readonly sent: number
  readonly received: number
  /** Neither answered in time nor objected to. */
  readonly lost: number
  /** Objected to by a router or host. */
  readonly errors: number
  /** Refused by the kernel here. */
  readonly unsent: number
  readonly duplicates: number
  /** Answers that were overtaken by one to a later request. */
  readonly late: number
  /** Null without an answer. */
  readonly roundTrip: RoundTripSummary | null
}

/** A reply that was taken in. */
export interface TakenReply {
  readonly sequence: number
  readonly milliseconds: number
  readonly duplicate: boolean
  readonly late: boolean
}

interface Request {
  readonly sequence: number
  /** Microseconds of the real-time clock. */
  sentAt: number
  /** Milliseconds of the monotonic clock. */
  readonly begun: number
  state: 'waiting' | 'answered' | 'ended'
}

/** Requests that are remembered, so that a duplicate of an answer is known as one. */
const REMEMBERED = 1024
const SEQUENCES = 0x1_0000
/** By how much the clocks may differ before the real-time clock is taken to have been set, milliseconds. */
const CLOCK_TOLERANCE = 1

/** The record. */
export class TargetRecord {
  readonly target: PingTarget
  /** Requests without an answer yet. */
  waiting = 0
  readonly #roundTrips = new RoundTrips()
  /** By the 16 bits that travel. */
  readonly #requests = new Map<number, Request>()
  readonly #counts = { sent: 0, received: 0, lost: 0, errors: 0, unsent: 0, duplicates: 0, late: 0 }
  #highest = 0

  constructor(target: PingTarget) {
    this.target = target
  }

  /** A request is about to be sent: the answer may come before the call that sends it returns. */
  begin(sequence: number): void {
    this.#requests.set(sequence % SEQUENCES, {
      sequence,
      sentAt: Number.NaN,
      begun: performance.now(),
      state: 'waiting',
    })
    this.waiting++
    if (this.#requests.size <= REMEMBERED) return
    const [oldest] = this.#requests
    if (oldest !== undefined && oldest[1].state !== 'waiting') this.#requests.delete(oldest[0])
  }

  /** @param microseconds of the real-time clock */
  sent(sequence: number, microseconds: number): void {
    const request = this.#requests.get(sequence % SEQUENCES)
    if (request !== undefined) request.sentAt = microseconds
    this.#counts.sent++
  }

  /** It was not sent. */
  unsent(sequence: number): void {
    this.#end(this.#requests.get(sequence % SEQUENCES))
    this.#counts.unsent++
  }

  /** An answer came. Undefined when no request is known that it could be to. */
  answered(wireSequence: number, microseconds: number): TakenReply | undefined {
    const request = this.#requests.get(wireSequence)
    if (request === undefined || Number.isNaN(request.sentAt)) return undefined
    const { sequence } = request
    const milliseconds = roundTrip(request, microseconds)
    if (request.state !== 'waiting') {
      // Also an answer that comes after it was given up: it was counted as lost, and is no second one.
      const duplicate = request.state === 'answered'
      if (duplicate) this.#counts.duplicates++
      return duplicate ? { sequence, milliseconds, duplicate, late: false } : undefined
    }
    const late = sequence < this.#highest
    if (late) this.#counts.late++
    this.#highest = Math.max(this.#highest, sequence)
    this.#counts.received++
    this.#roundTrips.add(milliseconds)
    this.waiting--
    request.state = 'answered'
    return { sequence, milliseconds, duplicate: false, late }
  }

  /** Somebody objected. @returns which request it was; undefined when it is not waited for */
  failed(wireSequence: number): number | undefined {
    const request = this.#requests.get(wireSequence)
    if (request?.state !== 'waiting') return undefined
    this.#end(request)
    this.#counts.errors++
    return request.sequence
  }

  /** Gives up those that were sent before a moment of the monotonic clock. @returns which */
  giveUp(before: number): number[] {
    if (this.waiting === 0) return []
    const lost = [...this.#requests.values()].filter(({ state, begun }) => state === 'waiting' && begun < before)
    for (const request of lost) this.#end(request)
    this.#counts.lost += lost.length
    return lost.map(({ sequence }) => sequence)
  }

  /** Requests under way are taken as never sent. */
  forgetWaiting(): void {
    for (const request of this.#requests.values()) {
      if (request.state !== 'waiting') continue
      this.#end(request)
      this.#counts.sent--
    }
  }

  /** As it stands. */
  statistics(): PingStatistics {
    return { ...this.target, ...this.#counts, roundTrip: this.#roundTrips.summary() }
  }

  #end(request: Request | undefined): void {
    if (request?.state !== 'waiting') return
    request.state = 'ended'
    this.waiting--
  }
}

/** By the kernel's clock, unless that was set in between: then by ours, which also counts the time until we were woken. */
function roundTrip({ sentAt, begun }: Request, microseconds: number): number {
  const measured = (microseconds - sentAt) / 1000
  const elapsed = performance.now() - begun
  return measured >= 0 && measured <= elapsed + CLOCK_TOLERANCE ? measured : elapsed
}
