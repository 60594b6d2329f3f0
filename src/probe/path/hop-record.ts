/** What was heard of one hop of a path. */
import { type RoundTripSummary, RoundTrips } from '../ping/round-trips.ts'
import type { IcmpObjection } from '../wire/icmp-listener.ts'

/** A hop. */
export interface PathHop {
  /** From 1. */
  readonly hop: number
  /** Who answered, the most frequent first; several where flows are spread, or the path changes. */
  readonly addresses: readonly string[]
  readonly sent: number
  readonly received: number
  readonly lost: number
  /** Milliseconds of the last answer. */
  readonly last: number | null
  readonly roundTrip: RoundTripSummary | null
  /** What the hop says other than that the packet's time is up: that it lets none through, that there is no way on. */
  readonly objection: IcmpObjection | null
  /** Largest packet that gets this far, bytes; null when it was not asked, or nobody said. */
  readonly mtu: number | null
}

/** The record. */
export class HopRecord {
  readonly hop: number
  mtu: number | null = null
  objection: IcmpObjection | null = null
  #sent = 0
  #received = 0
  #lost = 0
  #last: number | null = null
  readonly #roundTrips = new RoundTrips()
  readonly #addresses = new Map<string, number>()

  constructor(hop: number) {
    this.hop = hop
  }

  get answered(): boolean {
    return this.#received > 0
  }

  sent(): void {
    this.#sent++
  }

  /** It was never under way, after all. */
  unsent(): void {
    this.#sent--
  }

  received(from: string, milliseconds: number): void {
    this.#received++
    this.#last = milliseconds
    this.#roundTrips.add(milliseconds)
    this.#addresses.set(from, (this.#addresses.get(from) ?? 0) + 1)
  }

  lost(): void {
    this.#lost++
  }

  summary(): PathHop {
    const addresses = [...this.#addresses].sort(([, a], [, b]) => b - a).map(([address]) => address)
    return {
      ...{ hop: this.hop, addresses, sent: this.#sent, received: this.#received, lost: this.#lost, last: this.#last },
      ...{ roundTrip: this.#roundTrips.summary(), objection: this.objection, mtu: this.mtu },
    }
  }
}
