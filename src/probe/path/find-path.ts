/** The hops between a namespace and an address, found by packets whose hop limit ends at each of them, in several rounds. */
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelError, type NamespaceHandle } from '../../kernel/index.ts'
import { canonicalAddress } from '../wire/address.ts'
import type { IcmpObjection } from '../wire/icmp-listener.ts'
import { openEchoProber } from './echo-prober.ts'
import type { HeardAnswer, HopProber, HopProberInit } from './hop-prober.ts'
import { HopRecord, type PathHop } from './hop-record.ts'
import { measurePathMtu } from './path-mtu.ts'
import { openTcpProber, openUdpProber } from './segment-prober.ts'

/** What packets are sent. */
export type PathProtocol = 'icmp' | 'tcp' | 'udp'

/** What to find. Times in milliseconds. */
export interface PathInit {
  readonly namespace: NamespaceHandle
  readonly address: string
  readonly protocol: PathProtocol
  /** Of TCP and UDP. */
  readonly port: number
  /** 0 goes on until `signal`. */
  readonly rounds: number
  /** Between the beginnings of rounds. */
  readonly interval: number
  /** For an answer. */
  readonly timeout: number
  readonly mostHops: number
  /** Bytes of each packet of ICMP. */
  readonly size: number
  /** Also find the largest packet that gets to each hop. */
  readonly mtu: boolean
  readonly signal?: AbortSignal
  /** Told when something new is known. */
  readonly onChange?: (report: PathReport) => void
}

/** How it ends at the destination. `closed`: it answers that nothing listens at the port. */
export type PathOutcome = 'reached' | 'open' | 'closed' | 'not-reached'

/** What was found. */
export interface PathReport {
  readonly address: string
  readonly protocol: PathProtocol
  readonly port: number | null
  readonly outcome: PathOutcome
  /** Up to the destination; where that does not answer, up to the last hop that does, and one behind it. */
  readonly hops: readonly PathHop[]
  /** The errno's symbol when the kernel would not even send; null otherwise. */
  readonly reason: string | null
  /** The last thing that somebody on the way said against the packets; null when nobody did. */
  readonly objection: IcmpObjection | null
  /** Rounds that were begun. */
  readonly rounds: number
  /** Largest packet that gets to the destination; null when it was not asked, or it is not reached. */
  readonly mtu: number | null
  readonly interrupted: boolean
  readonly milliseconds: number
}

/** Between the packets of a round: answers of near hops then tell in time that there is no need for more. */
const PACE = 4
/** Hops in a row without an answer behind which nobody is looked for any more in a later round. */
const SILENT_HOPS = 5

/**
 * Finds a path. Resolves with what was found after all rounds, or soon after `signal`.
 * @throws KernelError EPERM without CAP_NET_RAW
 * @throws RangeError when the address is none
 */
export async function findPath(init: PathInit): Promise<PathReport> {
  return new PathSearch({ ...init, address: canonicalAddress(init.address) }).run()
}

interface Packet {
  readonly record: HopRecord
  readonly sentAt: number
  readonly begun: number
}

/** A search while it lasts. */
class PathSearch {
  readonly #init: PathInit
  readonly #records: HopRecord[] = []
  readonly #waiting = new Map<number, Packet>()
  readonly #started = performance.now()
  #prober: HopProber | undefined
  #next = 0
  #rounds = 0
  /** Distance of the destination, or of the hop that lets nothing through. */
  #end: number | undefined
  #outcome: PathOutcome = 'not-reached'
  #reason: string | null = null
  #objection: IcmpObjection | null = null
  #mtu: number | null = null

  constructor(init: PathInit) {
    this.#init = init
  }

  async run(): Promise<PathReport> {
    const { rounds, interval, signal, timeout } = this.#init
    try {
      this.#prober = this.#open()
      while ((rounds === 0 || this.#rounds < rounds) && signal?.aborted !== true && this.#reason === null) {
        const due = performance.now() + interval
        await this.#round()
        if (this.#rounds !== rounds) await this.#pause(due - performance.now())
      }
      await this.#untilAnswered(timeout)
      if (this.#init.mtu && this.#outcome !== 'not-reached' && signal?.aborted !== true) await this.#measureMtu()
    } catch (error) {
      this.#refused(error)
    } finally {
      this.#prober?.close()
    }
    if (signal?.aborted === true) for (const { record } of this.#waiting.values()) record.unsent()
    return this.#report()
  }

  #open(): HopProber {
    const { namespace, address, port, protocol } = this.#init
    const init: HopProberInit = { namespace, address, port, heard: (answer) => this.#heard(answer) }
    return protocol === 'icmp' ? openEchoProber(init) : protocol === 'tcp' ? openTcpProber(init) : openUdpProber(init)
  }

  async #round(): Promise<void> {
    this.#rounds++
    for (let hop = 1; hop <= this.#furthest() && this.#init.signal?.aborted !== true; hop++) {
      this.#giveUp(this.#init.timeout)
      this.#send(hop)
      await this.#pause(PACE)
    }
  }

  #furthest(): number {
    const { mostHops } = this.#init
    if (this.#end !== undefined) return this.#end
    // In the first round answers may still be under way; in later ones silence means something.
    if (this.#rounds === 1) return mostHops
    return Math.min(mostHops, this.#records.findLastIndex((record) => record.answered) + 1 + SILENT_HOPS)
  }

  #send(hop: number): void {
    const record = this.#records[hop - 1] ?? new HopRecord(hop)
    const number = this.#next++ % this.#prober!.numbers
    this.#drop(number)
    const begun = performance.now()
    const sentAt = this.#prober!.send(hop, number, this.#init.size, false)
    this.#waiting.set(number, { record, sentAt, begun })
    this.#records[hop - 1] = record
    record.sent()
  }

  /** A number that is used again can no longer be answered. */
  #drop(number: number): void {
    this.#waiting.get(number)?.record.lost()
    this.#waiting.delete(number)
  }

  #heard({ number, from, arrival, objection, microseconds }: HeardAnswer): void {
    // An answer that does not tell is taken to be to the last packet: nearer ones died on the way.
    const key = number ?? [...this.#waiting.keys()].at(-1)
    const packet = key === undefined ? undefined : this.#waiting.get(key)
    if (key === undefined || packet === undefined) return
    this.#waiting.delete(key)
    const { record, sentAt } = packet
    record.received(from, Math.max(0, (microseconds - sentAt) / 1000))
    const passing = objection?.reason === 'time-exceeded' || objection?.reason === 'fragmentation-needed'
    if (arrival !== undefined) this.#arrived(record.hop, arrival)
    else if (objection !== null && !passing) {
      record.objection = objection
      this.#objection = objection
      this.#end = Math.min(this.#end ?? record.hop, record.hop)
    }
    this.#tell()
  }

  #arrived(hop: number, arrival: NonNullable<HeardAnswer['arrival']>): void {
    // Packets with more hops than needed arrive too, until the first answer has told the distance.
    this.#end = Math.min(this.#end ?? hop, hop)
    const closed = arrival === 'closed' && this.#init.protocol === 'tcp'
    this.#outcome = arrival === 'open' ? 'open' : closed ? 'closed' : 'reached'
  }

  /** Gives up packets that were sent longer ago than this. */
  #giveUp(milliseconds: number): void {
    const before = performance.now() - milliseconds
    for (const [number, { record, begun }] of this.#waiting) {
      if (begun >= before) continue
      record.lost()
      this.#waiting.delete(number)
    }
  }

  /** Waits until all packets that count are answered, or given up. */
  async #untilAnswered(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds
    const open = (): boolean => [...this.#waiting.values()].some(({ record }) => record.hop <= (this.#end ?? Infinity))
    while (open() && performance.now() < end && this.#init.signal?.aborted !== true) await this.#pause(2)
    if (this.#init.signal?.aborted !== true) this.#giveUp(-1)
    this.#tell()
  }

  async #pause(milliseconds: number): Promise<void> {
    const { signal } = this.#init
    try {
      if (milliseconds > 0) await sleep(milliseconds, undefined, signal === undefined ? {} : { signal })
    } catch {
      // Interrupted: the loop sees it.
    }
  }

  async #measureMtu(): Promise<void> {
    const { namespace, address, timeout, signal } = this.#init
    this.#mtu = await measurePathMtu({
      ...{ namespace, address, timeout: Math.min(timeout, MTU_TIMEOUT), hops: this.#records.slice(0, this.#end) },
      ...(signal === undefined ? {} : { signal }),
      onChange: () => this.#tell(),
    })
  }

  #refused(error: unknown): void {
    if (!(error instanceof KernelError) || error.code === 'EPERM') throw error
    this.#reason = error.code
  }

  #tell(): void {
    this.#init.onChange?.(this.#report())
  }

  #report(): PathReport {
    const { address, protocol, port, signal } = this.#init
    const known =
      this.#end ?? Math.min(this.#records.findLastIndex((record) => record.answered) + 2, this.#records.length)
    return {
      ...{ address, protocol, port: protocol === 'icmp' ? null : port, outcome: this.#outcome },
      hops: this.#records.slice(0, known).map((record) => record.summary()),
      ...{ reason: this.#reason, objection: this.#objection, rounds: this.#rounds, mtu: this.#mtu },
      interrupted: signal?.aborted === true,
      milliseconds: performance.now() - this.#started,
    }
  }
}

/** Silence costs several packets of this time when sizes are tried. */
const MTU_TIMEOUT = 300
