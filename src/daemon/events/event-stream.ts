/**
 * Events as a stream of server-sent events (HTML Living Standard, 9.2): `id`, `event` with the event's type, `data` with the
 * event. A comment every few seconds keeps connections open that somebody on the way would close for silence.
 */
import type { EngineEvent } from '../../engine/index.ts'
import type { EventLog, LoggedEvent } from './event-log.ts'

/** A reader that leaves this much unread, in bytes, is cut off; it comes back with the id of what it read last. */
const LONGEST_BACKLOG = 32 * 1024 * 1024
const HEARTBEAT_MILLISECONDS = 15_000

/** What a stream begins with. */
export interface EventStreamInit {
  readonly log: EventLog<EngineEvent>
  /** `Last-Event-ID`; from now on when undefined. */
  readonly lastId: string | undefined
  /** Each ends the stream. */
  readonly signals: readonly AbortSignal[]
}

/**
 * The stream. Its first event is `resumed`, or `reset` when some of what came after `lastId` is no longer known: then
 * everything is to be listed afresh.
 */
export function eventStream(init: EventStreamInit): ReadableStream<Uint8Array> {
  let feed: EventFeed | undefined
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        feed = new EventFeed(controller, init)
      },
      cancel() {
        feed?.end()
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: LONGEST_BACKLOG }),
  )
}

/** Feeds one stream until it ends. */
class EventFeed {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>
  readonly #text = new TextEncoder()
  readonly #undo: (() => void)[] = []
  #ended = false

  constructor(controller: ReadableStreamDefaultController<Uint8Array>, { log, lastId, signals }: EventStreamInit) {
    this.#controller = controller
    const position = lastId ?? log.lastId
    const { missed, incomplete } = log.after(position)
    // The first event carries the id that the reader stands at, so that it misses nothing when it breaks off behind it.
    this.#send(`id: ${incomplete ? log.lastId : position}\nevent: ${incomplete ? 'reset' : 'resumed'}\ndata: {}\n\n`)
    for (const event of missed) this.#send(eventText(event))
    this.#undo.push(log.follow((event) => this.#send(eventText(event))))
    const heartbeat = setInterval(() => this.#send(': still here\n\n'), HEARTBEAT_MILLISECONDS).unref()
    this.#undo.push(() => clearInterval(heartbeat))
    const end = (): void => this.end()
    for (const signal of signals) {
      signal.addEventListener('abort', end, { once: true })
      this.#undo.push(() => signal.removeEventListener('abort', end))
      if (signal.aborted) end()
    }
  }

  end(): void {
    if (this.#ended) return
    this.#ended = true
    for (const undo of this.#undo) undo()
    try {
      this.#controller.close()
    } catch {
      // Its reader has cancelled it: there is nothing to close.
    }
  }

  #send(words: string): void {
    if (this.#ended) return
    this.#controller.enqueue(this.#text.encode(words))
    // The strategy counts down from the longest backlog.
    if ((this.#controller.desiredSize ?? 0) <= 0) this.end()
  }
}

/** JSON escapes line ends, so that one `data` line holds an event. */
function eventText({ id, event }: LoggedEvent<EngineEvent>): string {
  return `id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}
