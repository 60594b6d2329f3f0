/**
 * A conversation with one netlink family in one namespace: requests that are acknowledged, look-ups, dumps, batches.
 * Everything is synchronous, because the kernel does the work within the call; a request takes a few microseconds.
 */

import { KernelError } from '../errors.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { writeU32 } from './byte-order.ts'
import { type NetlinkChannel, type NetlinkProtocol, openChannel } from './channel.ts'
import {
  eachMessage,
  type MessageHeader,
  type MessageKind,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
  NLMSG_NOOP,
  writeMessage,
} from './message.ts'
import { DumpInterruptedError, NetlinkError, type Refusal, readRefusal } from './refusal.ts'
import { Writer } from './writer.ts'

/** What to ask: a message type, its flags beside NLM_F_REQUEST, its body. */
export interface Request<T> {
  /** The request as the field writes it, for errors: `RTM_NEWLINK`. */
  readonly operation: string
  readonly type: number
  readonly flags?: number
  readonly kind: MessageKind<T>
  readonly body: Partial<T>
  /** This very object is asked again and again, in many namespaces: it is encoded once. */
  readonly constant?: boolean
}

/** A request whatever its body, as batches mix them. */
// biome-ignore lint/suspicious/noExplicitAny: a batch only passes each body to its own kind
export type AnyRequest = Request<any>

/** A request whose answers are of kind `reply`. */
export interface Query<T, R> extends Request<T> {
  readonly reply: MessageKind<R>
  /** A dump also ends well when its table never stood still; the caller can live with rows lost or doubled. */
  readonly tolerateInterruption?: boolean
}

/** What came of one request of a batch. */
export type BatchOutcome = { readonly ok: true } | { readonly ok: false; readonly error: NetlinkError }

/** Constant requests as they go out, but for the sequence number. */
const encodedRequests = new WeakMap<AnyRequest, { readonly flags: number; readonly bytes: Buffer }>()
/** Where a message's sequence number stands. */
const SEQUENCE_OFFSET = 8

/** Dumps that the kernel marks as interrupted are repeated this often before we give up. */
const DUMP_ATTEMPTS = 10
/** Bytes of requests sent in one datagram: half of the default send buffer (net.core.wmem_default, 212992). */
const BATCH_BYTES = 96 * 1024
/**
 * Requests sent in one datagram: the kernel queues an answer to each before we read the first, and drops what does not fit
 * the receive buffer. An answer occupies about 800 bytes of its 212,992.
 */
const BATCH_REQUESTS = 100

/** One open netlink socket. Close it when done; it keeps its namespace alive. */
export class NetlinkSocket {
  readonly #channel: NetlinkChannel
  readonly #label: string | undefined
  readonly #writer = new Writer(1024)
  #sequence = 0

  constructor(channel: NetlinkChannel, label?: string) {
    this.#channel = channel
    this.#label = label
  }

  /**
   * Opens a socket of a netlink family, in `namespace` or where the thread is.
   * @throws KernelError EPROTONOSUPPORT when this kernel lacks the family
   */
  static open(protocol: NetlinkProtocol, namespace?: NamespaceHandle): NetlinkSocket {
    const channel = openChannel({ protocol, ...(namespace === undefined ? {} : { namespace }) })
    return new NetlinkSocket(channel, namespace?.label)
  }

  /**
   * Sends a request and waits for its acknowledgement.
   * @returns the sentence the kernel attached to a success, if any (a warning)
   * @throws NetlinkError when the kernel refuses
   */
  request<T>(request: Request<T>): string | undefined {
    const { sent, sequence } = this.#send(request, NLM_F_ACK)
    let warning: string | undefined
    this.#answers(request.operation, sequence, sent, {
      message() {},
      acknowledged: (refusal) => {
        warning = refusal.message
      },
    })
    return warning
  }

  /** Sends a request that returns the object it made or changed (NLM_F_ECHO), or a look-up: the messages before the end. */
  query<T, R>(query: Query<T, R>): R[] {
    const { sent, sequence } = this.#send(query, NLM_F_ACK)
    const out: R[] = []
    this.#answers(query.operation, sequence, sent, {
      message(bytes, _header, offset, length) {
        const decoded = query.reply.read(bytes, offset, length)
        if (decoded !== undefined) out.push(decoded)
      },
    })
    return out
  }

  /** The one object that a look-up returns. @throws NetlinkError ENODEV, ENOENT … when there is none */
  get<T, R>(query: Query<T, R>): R {
    const [found] = this.query(query)
    if (found === undefined) {
      const refusal = { errno: ENODATA, message: undefined, offset: undefined, missingType: undefined }
      throw new NetlinkError(query.operation, refusal, Buffer.alloc(0), this.#label)
    }
    return found
  }

  /**
   * A whole table. A dump during which the table changed is repeated.
   * @throws DumpInterruptedError when it changed during every attempt, unless the query tolerates that
   */
  dump<T, R>(query: Query<T, R>): R[] {
    for (let attempt = 1; ; attempt++) {
      const out: R[] = []
      const intact = this.dumpOnce(query, (row) => out.push(row))
      if (intact) return out
      if (attempt < DUMP_ATTEMPTS) continue
      if (query.tolerateInterruption === true) return out
      throw new DumpInterruptedError(query.operation, attempt)
    }
  }

  /** One dump, row by row, for tables too large to hold. @returns false when the table changed meanwhile */
  dumpOnce<T, R>(query: Query<T, R>, visit: (row: R) => void): boolean {
    const { sent, sequence } = this.#send(query, NLM_F_DUMP)
    let intact = true
    this.#answers(query.operation, sequence, sent, {
      message(bytes, header, offset, length) {
        if ((header.flags & NLM_F_DUMP_INTR) !== 0) intact = false
        const decoded = query.reply.read(bytes, offset, length)
        if (decoded !== undefined) visit(decoded)
      },
      done(header) {
        if ((header.flags & NLM_F_DUMP_INTR) !== 0) intact = false
      },
    })
    return intact
  }

  /**
   * Sends many requests in few datagrams. The kernel works them off in order and goes on after a failure, so each has its
   * own outcome; this is not a transaction.
   */
  batch(requests: readonly AnyRequest[]): BatchOutcome[] {
    const outcomes: BatchOutcome[] = []
    let from = 0
    while (from < requests.length) {
      const writer = new Writer(4096)
      const sequences: number[] = []
      const starts: number[] = []
      let next = from
      while (next < requests.length && next < from + BATCH_REQUESTS && (next === from || writer.length < BATCH_BYTES)) {
        starts.push(writer.length)
        sequences.push(this.#write(writer, requests[next]!, NLM_F_ACK))
        next++
      }
      const sent = writer.written()
      this.#channel.send(sent)
      sequences.forEach((sequence, i) => {
        // What the kernel objects to, it counts from the request's own beginning.
        outcomes.push(this.#outcome(requests[from + i]!.operation, sequence, sent.subarray(starts[i])))
      })
      from = next
    }
    return outcomes
  }

  close(): void {
    this.#channel.close()
  }

  #outcome(operation: string, sequence: number, sent: Buffer): BatchOutcome {
    try {
      this.#answers(operation, sequence, sent, { message() {} })
      return { ok: true }
    } catch (error) {
      if (error instanceof NetlinkError) return { ok: false, error }
      throw error
    }
  }

  #write(writer: Writer, request: AnyRequest, flags: number): number {
    this.#sequence = (this.#sequence + 1) >>> 0
    const sequence = this.#sequence
    const encoded = request.constant === true ? encodedRequests.get(request) : undefined
    const start = writer.length
    if (encoded?.flags === flags) {
      writer.append(encoded.bytes)
      writeU32(writer.bytes, sequence, start + SEQUENCE_OFFSET)
      return sequence
    }
    writeMessage(
      writer,
      { type: request.type, flags: NLM_F_REQUEST | flags | (request.flags ?? 0), sequence },
      (into) => request.kind.write(into, request.body),
    )
    if (request.constant === true)
      encodedRequests.set(request, { flags, bytes: Buffer.from(writer.written().subarray(start)) })
    return sequence
  }

  #send<T>(request: Request<T>, flags: number): { sent: Buffer; sequence: number } {
    const writer = this.#writer
    writer.bytes.fill(0, 0, writer.length)
    writer.length = 0
    const sequence = this.#write(writer, request, flags)
    const sent = writer.written()
    this.#channel.send(sent)
    return { sent, sequence }
  }

  /** Reads answers to `sequence` until the acknowledgement, the error or the end of the dump. */
  #answers(operation: string, sequence: number, sent: Buffer, on: AnswerHandlers): void {
    let finished = false
    let refused: Refusal | undefined
    const visit = (bytes: Buffer, header: MessageHeader, offset: number, length: number): void => {
      // Late answers to an earlier request that was given up.
      if (header.sequence !== sequence || finished) return
      if (header.type === NLMSG_ERROR || header.type === NLMSG_DONE) {
        const kind = header.type === NLMSG_ERROR ? 'error' : 'done'
        if (kind === 'done') on.done?.(header)
        const refusal = readRefusal(bytes, offset, length, header.flags, kind)
        if (refusal.errno > 0) refused = refusal
        else on.acknowledged?.(refusal)
        finished = true
      } else if (header.type !== NLMSG_NOOP) {
        on.message(bytes, header, offset, length)
      }
    }
    while (!finished) {
      const bytes = this.#channel.receive()
      if (bytes === undefined) {
        throw new KernelError({
          operation,
          errno: ETIMEDOUT,
          ...(this.#label === undefined ? {} : { namespace: this.#label }),
        })
      }
      eachMessage(bytes, bytes.length, (header, offset, length) => visit(bytes, header, offset, length))
    }
    if (refused !== undefined) throw new NetlinkError(operation, refused, sent, this.#label)
  }
}

interface AnswerHandlers {
  message(bytes: Buffer, header: MessageHeader, offset: number, length: number): void
  done?(header: MessageHeader): void
  acknowledged?(refusal: Refusal): void
}

const ENODATA = 61
const ETIMEDOUT = 110
