/** What happens in an engine, for whoever watches. */
import type { EndpointRecord, NetworkRecord, SandboxRecord } from './model.ts'

/** Something that has happened: it is in the store when it is told. */
export type EngineEvent = { readonly at: string } & (
  | { readonly type: 'network-created' | 'network-deleted'; readonly network: NetworkRecord }
  | {
      readonly type: 'endpoint-created' | 'endpoint-deleted' | 'endpoint-renamed'
      readonly network: NetworkRecord
      readonly endpoint: EndpointRecord
    }
  | {
      readonly type: 'endpoint-joined' | 'endpoint-left'
      readonly network: NetworkRecord
      readonly endpoint: EndpointRecord
      readonly sandbox: SandboxRecord
    }
  | { readonly type: 'sandbox-created' | 'sandbox-deleted'; readonly sandbox: SandboxRecord }
  /** Which endpoints are the way out of a sandbox now, by family. */
  | {
      readonly type: 'gateway-changed'
      readonly sandbox: SandboxRecord
      readonly endpoint: string | null
      readonly endpointIPv6: string | null
    }
  /** What a driver or the name service wants a person to know. */
  | { readonly type: 'notice'; readonly sentence: string }
)

type WithoutTime<E> = E extends { readonly at: string } ? Omit<E, 'at'> : never

/** Hears events as they happen. What it throws is nobody's business but its own: it is reported as an uncaught error. */
export type EventListener = (event: EngineEvent) => void

/** A reader that is this many events behind is told by an error rather than by a silent gap. */
const LONGEST_QUEUE = 10_000

/** Tells events to listeners and readers. */
export class EngineEvents {
  readonly #listeners = new Set<EventListener>()

  /** Calls `listener` for every event from now on. @returns stops it */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(event: WithoutTime<EngineEvent>): void {
    if (this.#listeners.size === 0) return
    const told = { at: new Date().toISOString(), ...event } as EngineEvent
    for (const listener of this.#listeners) {
      try {
        listener(told)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }

  /**
   * Events from now on, for `for await`; ends when `signal` aborts.
   * @throws RangeError when the reader falls 10,000 events behind
   */
  read(signal?: AbortSignal): AsyncIterableIterator<EngineEvent> {
    return new EventReader(this, signal)
  }
}

/** Listens from its construction, so that nothing is lost before the first `next`. */
class EventReader implements AsyncIterableIterator<EngineEvent> {
  #queue: EngineEvent[] = []
  #overrun = false
  #ended = false
  #wake: () => void = () => {}
  readonly #stop: () => void

  constructor(events: EngineEvents, signal: AbortSignal | undefined) {
    const stopListening = events.listen((event) => this.#hear(event))
    this.#stop = () => {
      stopListening()
      this.#ended = true
      this.#wake()
    }
    if (signal?.aborted === true) this.#stop()
    signal?.addEventListener('abort', this.#stop, { once: true })
  }

  #hear(event: EngineEvent): void {
    if (this.#queue.length >= LONGEST_QUEUE) this.#overrun = true
    else this.#queue.push(event)
    this.#wake()
  }

  async next(): Promise<IteratorResult<EngineEvent>> {
    for (;;) {
      const event = this.#queue.shift()
      if (event !== undefined) return { value: event, done: false }
      if (this.#overrun) {
        this.#stop()
        throw new RangeError(
          `the reader of events was more than ${LONGEST_QUEUE} events behind; list everything afresh`,
        )
      }
      if (this.#ended) return { value: undefined, done: true }
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  async return(): Promise<IteratorResult<EngineEvent>> {
    this.#stop()
    this.#queue = []
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
