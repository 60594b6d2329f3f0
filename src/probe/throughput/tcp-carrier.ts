/** A TCP connection that is kept full in one direction. */
import type { BulkStream } from '../../kernel/index.ts'
import type { Carrier, CarrierCounts } from './carrier.ts'

/** How long to wait for what is on the way when sending ends, in milliseconds. */
const DRAIN_MS = 1000

/** Sends from one end of a connection to the other. */
export class TcpCarrier implements Carrier {
  readonly #sender: BulkStream
  readonly #receiver: BulkStream
  #stopped = false
  #sending: Promise<void> = Promise.resolve()
  #receiving: Promise<void> = Promise.resolve()
  #failed: unknown

  constructor(sender: BulkStream, receiver: BulkStream) {
    this.#sender = sender
    this.#receiver = receiver
  }

  begin(): void {
    this.#sender.begin()
    this.#receiver.begin()
    this.#receiving = this.#guard(() => this.#receive())
    this.#sending = this.#guard(() => this.#send())
  }

  counts(): CarrierCounts {
    if (this.#failed !== undefined) throw this.#failed
    const sent = this.#sender.info()
    return {
      bytes: Number(this.#receiver.info().bytesReceived),
      retransmits: sent.totalRetransmissions,
      roundTripMicroseconds: sent.roundTripTime,
      sent: 0,
      received: 0,
      outOfOrder: 0,
      jitterMicroseconds: 0,
    }
  }

  async finish(): Promise<void> {
    this.#stopped = true
    await this.#sending
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, DRAIN_MS)
    })
    await Promise.race([this.#receiving, patience])
    clearTimeout(timer)
  }

  close(): void {
    this.#stopped = true
    this.#sender.close()
    this.#receiver.close()
  }

  async #send(): Promise<void> {
    while (!this.#stopped) await this.#sender.send()
    this.#sender.finish()
  }

  async #receive(): Promise<void> {
    // 0 is the end of the stream, less that nothing came for a while.
    while ((await this.#receiver.discard()) !== 0);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#failed ??= error
    }
  }
}
