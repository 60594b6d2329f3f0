/**
 * The largest packet that gets to each hop of a path: echo requests that must not be split (RFC 1191, 8201). A router with a
 * narrower link says so and how narrow; where one drops them and says nothing, sizes that are usual are tried.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelError, type NamespaceHandle } from '../../kernel/index.ts'
import { familyOfAddress } from '../wire/address.ts'
import { openEchoProber } from './echo-prober.ts'
import type { HeardAnswer, HopProber } from './hop-prober.ts'
import type { HopRecord } from './hop-record.ts'

/** What to measure. */
export interface PathMtuInit {
  readonly namespace: NamespaceHandle
  readonly address: string
  /** The hops of the path, in order; each gets its MTU. */
  readonly hops: readonly HopRecord[]
  /** Milliseconds for an answer. */
  readonly timeout: number
  readonly signal?: AbortSignal
  readonly onChange: () => void
}

/** Sizes of links that there are: jumbo frames, Ethernet, PPPoE, tunnels over it (vxlan, WireGuard, IPsec), the least of IPv6. */
const USUAL = [65_535, 9000, 8950, 1500, 1492, 1480, 1476, 1450, 1430, 1420, 1400, 1380, 1280, 1006, 576, 296, 68]
/** A path that keeps giving other sizes would be asked for ever. */
const MOST_TRIES = 40
const ERROR_LIMIT = 1100

/** @returns the MTU of the whole path; null when the last hop does not answer */
export async function measurePathMtu(init: PathMtuInit): Promise<number | null> {
  const measuring = new Measuring(init)
  try {
    return await measuring.run()
  } finally {
    measuring.close()
  }
}

/** What became of a packet of some size. */
type Tried = 'fits' | 'too-large' | number | undefined

class Measuring {
  readonly #init: PathMtuInit
  readonly #prober: HopProber
  #number = 0
  #heard: (answer: HeardAnswer) => void = () => {}

  constructor(init: PathMtuInit) {
    this.#init = init
    const { namespace, address } = init
    this.#prober = openEchoProber({ namespace, address, port: 0, heard: (answer) => this.#heard(answer) })
  }

  async run(): Promise<number | null> {
    let mtu = USUAL[0]!
    let last: number | null = null
    for (const record of this.#init.hops) {
      if (this.#init.signal?.aborted === true) break
      // A hop that does not answer small packets says nothing about large ones.
      const found: number | null = record.answered ? await this.#largest(record.hop, mtu) : null
      record.mtu = found
      last = found
      if (found !== null) mtu = found
      this.#init.onChange()
    }
    return last
  }

  close(): void {
    this.#prober.close()
  }

  /** The largest size up to `most` that a hop answers to. */
  async #largest(hop: number, most: number): Promise<number | null> {
    const least = familyOfAddress(this.#init.address) === 'ipv6' ? 1280 : 68
    let size = most
    let silent = false
    for (let tries = 0; tries < MOST_TRIES && this.#init.signal?.aborted !== true; tries++) {
      const answer = await this.#try(hop, size, silent)
      if (answer === 'fits') return size
      silent ||= answer === undefined
      const told = typeof answer === 'number' && answer < size ? answer : undefined
      const smaller = told ?? USUAL.find((usual) => usual < size)
      if (smaller === undefined || smaller < least) return null
      size = smaller
    }
    return null
  }

  /**
   * Sends again after a silence, when the limit on errors that Linux keeps to (icmp_ratelimit: one a second to each peer) no
   * longer holds. Echo replies have no limit: once the destination was silent about a size, one packet of each other will do.
   * @returns `fits`; the size that somebody told; `too-large` when nobody said how much; undefined for silence
   */
  async #try(hop: number, size: number, silent: boolean): Promise<Tried> {
    const answer = await this.#send(hop, size)
    const last = hop === this.#init.hops.length
    if (answer !== undefined || (last && silent)) return answer
    await this.#pause(ERROR_LIMIT)
    return this.#send(hop, size)
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#init
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal }).catch(() => {})
  }

  #send(hop: number, size: number): Promise<Tried> {
    const number = this.#number++ % this.#prober.numbers
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve(undefined), this.#init.timeout)
      const end = (answer: 'fits' | 'too-large' | number): void => {
        clearTimeout(timer)
        resolve(answer)
      }
      this.#heard = (answer) => {
        if (answer.number !== number) return
        const narrow = answer.objection?.reason === 'fragmentation-needed'
        end(narrow ? (answer.objection?.mtu ?? 'too-large') : 'fits')
      }
      try {
        this.#prober.send(hop, number, size, true)
      } catch (error) {
        // More than the interface here takes.
        if (error instanceof KernelError && error.code === 'EMSGSIZE') return end('too-large')
        clearTimeout(timer)
        reject(error)
      }
    })
  }
}
