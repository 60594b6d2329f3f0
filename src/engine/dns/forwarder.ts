/**
 * Asks the name servers outside, one after the other, on behalf of a sandbox. What they answer is passed on as it is, whatever
 * types of records there are in it.
 */
import { Rcode } from './protocol.ts'
import { failedAnswer } from './responder.ts'
import { ask, type Transport, type Upstream } from './upstream.ts'

/** Bounds of forwarding. */
export interface ForwarderLimits {
  /** Queries that may be on their way at once. */
  readonly outstanding: number
  /** Queries that may wait for one of those to end. */
  readonly waiting: number
  /** Longest wait for a place, and for the answer of each server, milliseconds. */
  readonly deadline: number
}

/** Servers that are asked at most. */
const MOST_SERVERS = 3
/** libnetwork's bounds; those who wait are bounded too, or a flood would fill the memory. */
const LIMITS: ForwarderLimits = { outstanding: 1024, waiting: 1024, deadline: 4000 }

/** Forwards queries of one sandbox. */
export class Forwarder {
  readonly #servers: () => readonly Upstream[]
  readonly #limits: ForwarderLimits
  readonly #waiting = new Set<(admitted: boolean) => void>()
  #outstanding = 0

  /** @param servers those to ask at the moment, in order; none answers SERVFAIL */
  constructor(servers: () => readonly Upstream[], limits: Partial<ForwarderLimits> = {}) {
    this.#servers = servers
    this.#limits = { ...LIMITS, ...limits }
  }

  /**
   * Forwards a query that is well-formed.
   * @returns the first answer that is neither SERVFAIL nor REFUSED; when there is none, SERVFAIL; REFUSED when too many
   *   queries are on their way; undefined when the query can have no answer
   */
  async forward(query: Buffer, transport: Transport): Promise<Buffer | undefined> {
    if (!(await this.#admit())) return failedAnswer(query, Rcode.refused)
    try {
      return await this.#askAll(query, transport)
    } finally {
      this.#leave()
    }
  }

  async #askAll(query: Buffer, transport: Transport): Promise<Buffer | undefined> {
    for (const server of this.#servers().slice(0, MOST_SERVERS)) {
      const answer = await ask(server, query, transport, this.#limits.deadline)
      const rcode = answer === undefined ? Rcode.serverFailure : answer[3]! & 0xf
      if (rcode !== Rcode.serverFailure && rcode !== Rcode.refused) return answer
    }
    return failedAnswer(query, Rcode.serverFailure)
  }

  /** Waits for a place. @returns false when there is none in time */
  #admit(): boolean | Promise<boolean> {
    if (this.#outstanding < this.#limits.outstanding) {
      this.#outstanding++
      return true
    }
    if (this.#waiting.size >= this.#limits.waiting) return false
    return new Promise((resolve) => {
      const admit = (admitted: boolean): void => {
        this.#waiting.delete(admit)
        clearTimeout(timer)
        resolve(admitted)
      }
      const timer = setTimeout(() => admit(false), this.#limits.deadline)
      this.#waiting.add(admit)
    })
  }

  /** Hands the place on to whoever has waited longest. */
  #leave(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#outstanding--
    else next(true)
  }
}
