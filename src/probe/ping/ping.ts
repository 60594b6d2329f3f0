/** Pinging several targets at once from within a namespace. */
import { randomInt } from 'node:crypto'
import { KernelError, type NamespaceHandle } from '../../kernel/index.ts'
import { bareAddress, canonicalAddress, familyOfAddress, type IpFamily } from '../wire/address.ts'
import { type IcmpObjection, objectionOf } from '../wire/icmp-listener.ts'
import { type EchoAnswer, type EchoError, EchoSocket } from './echo-socket.ts'
import { type PingStatistics, type PingTarget, TargetRecord } from './target-record.ts'

/** What happens while it runs. */
export type PingEvent =
  | {
      readonly kind: 'reply'
      readonly target: PingTarget
      /** From 1. */
      readonly sequence: number
      readonly milliseconds: number
      readonly hops: number | null
      /** Bytes of payload. */
      readonly size: number
      /** Who answered, when it is not the address that was asked: a broadcast, a translated address. */
      readonly answeredBy: string | null
      readonly duplicate: boolean
      /** An answer to a later request came before it. */
      readonly late: boolean
    }
  | {
      readonly kind: 'error'
      readonly target: PingTarget
      readonly sequence: number
      readonly objection: IcmpObjection
    }
  | { readonly kind: 'lost'; readonly target: PingTarget; readonly sequence: number }
  /** The kernel would not send it: an errno's symbol. */
  | { readonly kind: 'unsent'; readonly target: PingTarget; readonly sequence: number; readonly reason: string }

/** What to ping. Times in milliseconds. */
export interface PingInit {
  readonly namespace: NamespaceHandle
  readonly targets: readonly PingTarget[]
  /** Requests to each target; 0 goes on until `signal`. */
  readonly count: number
  readonly interval: number
  /** After which an answer no longer counts. */
  readonly timeout: number
  /** Bytes of payload. */
  readonly size: number
  readonly hops?: number
  readonly dontFragment?: boolean
  readonly trafficClass?: number
  readonly source?: string
  readonly interface?: string
  readonly signal?: AbortSignal
  readonly onEvent?: (event: PingEvent) => void
  /** Told after every event; ask for the statistics when they are to be shown: adding them up takes time. */
  readonly onProgress?: (statistics: () => readonly PingStatistics[]) => void
}

/** The end of it. */
export interface PingReport {
  readonly targets: readonly PingStatistics[]
  readonly interrupted: boolean
  readonly milliseconds: number
}

/** Longest payload of an echo request: an IPv4 packet is 65,535 bytes with its header of 20, and that of ICMP is 8. */
export const LARGEST_ECHO = 65_507
const SEQUENCES = 0x1_0000

/**
 * Pings. Resolves when every target had `count` requests, and each was answered or given up; or soon after `signal`.
 * @throws KernelError EPERM without CAP_NET_RAW, ENODEV, EADDRNOTAVAIL
 * @throws RangeError when an address is none
 */
export async function ping(init: PingInit): Promise<PingReport> {
  const pinging = new Pinging(init)
  try {
    return await pinging.run()
  } finally {
    pinging.close()
  }
}

/** A ping while it lasts. */
class Pinging {
  readonly #init: PingInit
  readonly #records: readonly TargetRecord[]
  readonly #sockets = new Map<IpFamily, EchoSocket>()
  /** Told from answers to earlier pings of the same identifier; the lower bits are the target's number. */
  readonly #mark = randomInt(0x1_0000) * 0x1_0000
  readonly #started = performance.now()
  #finish: () => void = () => {}

  constructor(init: PingInit) {
    this.#init = init
    this.#records = init.targets.map(
      ({ label, address }) => new TargetRecord({ label, address: canonicalAddress(address) }),
    )
    const { namespace, source, interface: link } = init
    try {
      for (const family of new Set(init.targets.map(({ address }) => familyOfAddress(address)))) {
        const listener = {
          answered: (it: EchoAnswer) => this.#answered(it),
          failed: (it: EchoError) => this.#failed(it),
        }
        const more = {
          ...(source === undefined ? {} : { source }),
          ...(link === undefined ? {} : { interface: link }),
        }
        this.#sockets.set(family, new EchoSocket({ namespace, family, listener, ...more }))
      }
    } catch (error) {
      this.close()
      throw error
    }
  }

  async run(): Promise<PingReport> {
    const { count, interval, signal, timeout } = this.#init
    for (let round = 1; (count === 0 || round <= count) && signal?.aborted !== true; round++) {
      for (const [i, record] of this.#records.entries()) this.#send(record, i, round)
      this.#giveUp(performance.now() - timeout)
      // The next round is due by the clock, so that the time taken by sending does not add up.
      if (round !== count) await this.#wait(this.#started + round * interval, () => false)
    }
    const end = performance.now() + timeout
    if (signal?.aborted !== true) await this.#wait(end, () => this.#records.every((record) => record.waiting === 0))
    for (const socket of this.#sockets.values()) socket.drain()
    const interrupted = signal?.aborted === true
    // What was under way when somebody interrupted is neither answered nor lost.
    if (interrupted) for (const record of this.#records) record.forgetWaiting()
    else this.#giveUp(Number.POSITIVE_INFINITY)
    return {
      targets: this.#statistics(),
      interrupted,
      milliseconds: performance.now() - this.#started,
    }
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close()
  }

  #send(record: TargetRecord, index: number, sequence: number): void {
    const { size, hops, dontFragment, trafficClass } = this.#init
    const socket = this.#sockets.get(familyOfAddress(record.target.address))!
    record.begin(sequence)
    try {
      const sent = socket.send(record.target.address, {
        ...{ sequence: sequence % SEQUENCES, size, mark: this.#mark + index },
        ...(hops === undefined ? {} : { hops }),
        ...(dontFragment === undefined ? {} : { dontFragment }),
        ...(trafficClass === undefined ? {} : { trafficClass }),
      })
      record.sent(sequence, sent)
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      record.unsent(sequence)
      this.#tell({ kind: 'unsent', target: record.target, sequence, reason: error.code })
    }
  }

  /** Waits until a moment, or until there is nothing to wait for, or somebody interrupts. */
  #wait(moment: number, done: () => boolean): Promise<void> {
    const { signal } = this.#init
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        this.#finish = () => {}
        resolve()
      }
      const timer = setTimeout(end, Math.max(0, moment - performance.now()))
      signal?.addEventListener('abort', end, { once: true })
      this.#finish = () => {
        if (done()) end()
      }
      this.#finish()
    })
  }

  #giveUp(sentBefore: number): void {
    for (const record of this.#records) {
      for (const sequence of record.giveUp(sentBefore)) this.#tell({ kind: 'lost', target: record.target, sequence })
    }
  }

  #answered(answer: EchoAnswer): void {
    const record = this.#recordOf(answer)
    const taken = record?.answered(answer.sequence, answer.microseconds)
    if (record === undefined || taken === undefined) return
    const answeredBy = answer.from === bareAddress(record.target.address) ? null : answer.from
    const { size, hops = null } = answer
    this.#tell({ kind: 'reply', target: record.target, ...taken, hops, size, answeredBy })
    this.#finish()
  }

  /** By the mark that it brings back; by its sender when its payload is too short for one. */
  #recordOf({ mark, from }: EchoAnswer): TargetRecord | undefined {
    if (mark !== undefined) return this.#records[mark - this.#mark]
    return this.#records.find(({ target }) => bareAddress(target.address) === from)
  }

  #failed({ from, to, sequence, error }: EchoError): void {
    const record = this.#records.find(({ target }) => bareAddress(target.address) === to)
    const number = record?.failed(sequence)
    if (record === undefined || number === undefined) return
    this.#tell({ kind: 'error', target: record.target, sequence: number, objection: objectionOf(from, error) })
    this.#finish()
  }

  readonly #statistics = (): readonly PingStatistics[] => this.#records.map((record) => record.statistics())

  #tell(event: PingEvent): void {
    this.#init.onEvent?.(event)
    this.#init.onProgress?.(this.#statistics)
  }
}
