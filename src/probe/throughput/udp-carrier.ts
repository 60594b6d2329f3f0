/** Datagrams with numbers and times, sent at a rate or as fast as they go, and counted where they arrive. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BulkDatagramReceiver, BulkDatagramSender, DATAGRAM_HEAD, type NamespaceHandle } from '../../kernel/index.ts'
import type { Carrier, CarrierCounts } from './carrier.ts'

/** Where datagrams go. */
export interface UdpCarrierInit {
  readonly from: NamespaceHandle
  readonly to: NamespaceHandle
  readonly address: string
  /** Bytes of a datagram's payload. */
  readonly size: number
  /** Bits a second of payload; as fast as it goes when left out. */
  readonly bitsPerSecond?: number
}

/** The head of a datagram: number, and when it was sent in seconds and nanoseconds. */
export const SMALLEST_DATAGRAM = 16

const SEND_BATCH = 64
const RECEIVE_BATCH = 256
/** How long to wait for what is on the way, in milliseconds. */
const DRAIN_MS = 200
/** The smoothing of RFC 3550, 6.4.1. */
const SMOOTHING = 1 / 16

/** Sends from one namespace into another. */
export class UdpCarrier implements Carrier {
  readonly #sender: BulkDatagramSender
  readonly #receiver: BulkDatagramReceiver
  readonly #perSecond: number | undefined
  #stopped = false
  #done = false
  #working: Promise<unknown> = Promise.resolve()
  #sending: Promise<void> = Promise.resolve()
  #failed: unknown
  #sent = 0
  #received = 0
  #bytes = 0
  #outOfOrder = 0
  #highest = -1
  #transit = Number.NaN
  #jitter = 0

  constructor({ from, to, address, size, bitsPerSecond }: UdpCarrierInit) {
    this.#receiver = BulkDatagramReceiver.open(to, { address, port: 0 }, RECEIVE_BATCH)
    try {
      this.#sender = BulkDatagramSender.open(from, { address, port: this.#receiver.port }, size, SEND_BATCH)
    } catch (error) {
      this.#receiver.close()
      throw error
    }
    this.#perSecond = bitsPerSecond === undefined ? undefined : bitsPerSecond / 8 / size
  }

  begin(): void {
    const receiving = this.#guard(() => this.#receive())
    this.#sending = this.#guard(() => this.#send())
    this.#working = Promise.all([receiving, this.#sending])
  }

  counts(): CarrierCounts {
    if (this.#failed !== undefined) throw this.#failed
    return {
      bytes: this.#bytes,
      retransmits: 0,
      roundTripMicroseconds: 0,
      sent: this.#sent,
      received: this.#received,
      outOfOrder: this.#outOfOrder,
      jitterMicroseconds: this.#jitter / 1000,
    }
  }

  async finish(): Promise<void> {
    this.#stopped = true
    await this.#sending
    await sleep(DRAIN_MS)
    this.#done = true
    await this.#working
  }

  close(): void {
    this.#stopped = true
    this.#done = true
    this.#sender.close()
    this.#receiver.close()
  }

  async #send(): Promise<void> {
    const begun = performance.now()
    while (!this.#stopped) {
      const room = this.#room(begun)
      if (room < 1) {
        await sleep(1)
        continue
      }
      const count = Math.min(SEND_BATCH, Math.floor(room))
      this.#number(count)
      const went = await this.#sender.send(count)
      if (went > 0) this.#sent += went
      // Nobody listens any more, or the way is gone: not to try again at once.
      else await sleep(1)
    }
  }

  /** Datagrams that are due by now. */
  #room(begun: number): number {
    if (this.#perSecond === undefined) return SEND_BATCH
    const seconds = (performance.now() - begun) / 1000
    return Math.floor(seconds * this.#perSecond) + 1 - this.#sent
  }

  #number(count: number): void {
    const { bytes, size } = this.#sender
    const [seconds, nanoseconds] = process.hrtime()
    for (let i = 0; i < count; i++) {
      const at = i * size
      bytes.writeUInt32BE((this.#sent + i) >>> 0, at)
      bytes.writeUInt32BE(seconds, at + 4)
      bytes.writeUInt32BE(nanoseconds, at + 8)
    }
  }

  async #receive(): Promise<void> {
    while (!this.#done) {
      const count = await this.#receiver.receive()
      const [seconds, nanoseconds] = process.hrtime()
      for (let i = 0; i < count; i++) this.#count(i, seconds, nanoseconds)
    }
  }

  #count(i: number, seconds: number, nanoseconds: number): void {
    const { heads } = this.#receiver
    const at = i * DATAGRAM_HEAD
    const number = heads.readUInt32BE(at)
    const transit = (seconds - heads.readUInt32BE(at + 4)) * 1e9 + nanoseconds - heads.readUInt32BE(at + 8)
    this.#received++
    this.#bytes += this.#receiver.lengthOf(i)
    if (number < this.#highest) this.#outOfOrder++
    else this.#highest = number
    if (!Number.isNaN(this.#transit)) this.#jitter += (Math.abs(transit - this.#transit) - this.#jitter) * SMOOTHING
    this.#transit = transit
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#failed ??= error
    }
  }
}
