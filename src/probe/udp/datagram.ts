/** Sending a datagram from within a namespace, to learn whether anybody answers, or says that nobody listens. */
import { DatagramClient, KernelError, type NamespaceHandle } from '../../kernel/index.ts'
import { canonicalAddress, familyOfAddress } from '../wire/address.ts'
import { type IcmpError, IpProtocol } from '../wire/icmp.ts'
import { IcmpListener, type IcmpObjection, isAbout, objectionOf } from '../wire/icmp-listener.ts'

/** How it ended. */
export type DatagramOutcome =
  | 'answered'
  /** An ICMP port unreachable: nothing listens there, or a rule says so. */
  | 'refused'
  | 'unreachable'
  /** A rule here does not let it out. */
  | 'denied'
  /** Nothing came back: whoever listens need not answer, and whoever drops does not say so. */
  | 'silent'
  | 'interrupted'

/** What to send where. */
export interface DatagramInit {
  readonly namespace: NamespaceHandle
  readonly address: string
  readonly port: number
  readonly payload: Uint8Array
  /** Milliseconds to wait for an answer to the last datagram. */
  readonly timeout: number
  /** Datagrams sent before it is given up, one after the other as the time passes. */
  readonly attempts: number
  readonly signal?: AbortSignal
}

/** What came of it. */
export interface DatagramProbe {
  readonly address: string
  readonly port: number
  readonly outcome: DatagramOutcome
  /** An errno's symbol; null where there is none. */
  readonly reason: string | null
  readonly objection: IcmpObjection | null
  readonly sent: number
  /** The first answer; null when there was none. */
  readonly answer: Buffer | null
  /** From the first datagram to the end, or from the one that was answered last. */
  readonly milliseconds: number
}

/** Sends. @throws RangeError when the address is none; KernelError EMFILE, ENODEV, EMSGSIZE */
export function sendDatagram(init: DatagramInit): Promise<DatagramProbe> {
  const address = canonicalAddress(init.address)
  return new Promise((resolve, reject) => new Sending({ ...init, address }, resolve, reject).start())
}

/** Errors that are an outcome; others are the caller's. */
const outcomes: Readonly<Record<string, DatagramOutcome>> = {
  ECONNREFUSED: 'refused',
  EPERM: 'denied',
  EACCES: 'denied',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
}

/** A probe while it lasts. */
class Sending {
  readonly #init: DatagramInit
  readonly #resolve: (probe: DatagramProbe) => void
  readonly #reject: (error: unknown) => void
  readonly #listener: IcmpListener
  readonly #interrupt = (): void => this.#end('interrupted')
  #client: DatagramClient | undefined
  #timer: NodeJS.Timeout | undefined
  #objection: IcmpObjection | null = null
  #sent = 0
  #sentAt = performance.now()
  #open = true

  constructor(init: DatagramInit, resolve: (probe: DatagramProbe) => void, reject: (error: unknown) => void) {
    this.#init = init
    this.#resolve = resolve
    this.#reject = reject
    const family = familyOfAddress(init.address)
    this.#listener = new IcmpListener(init.namespace, family, (from, error) => this.#hear(from, error))
  }

  start(): void {
    const { namespace, address, port, signal } = this.#init
    signal?.addEventListener('abort', this.#interrupt, { once: true })
    if (signal?.aborted === true) {
      this.#interrupt()
      return
    }
    this.#attempt(() => {
      this.#client = new DatagramClient(namespace, address, port, {
        received: (bytes) => this.#end('answered', null, Buffer.from(bytes)),
        failed: (error) => this.#fail(error),
      })
    })
    this.#send()
  }

  #send(): void {
    if (!this.#open) return
    const { attempts, timeout, payload } = this.#init
    if (this.#sent >= attempts) {
      this.#end('silent')
      return
    }
    this.#timer = setTimeout(() => this.#send(), timeout / attempts)
    this.#sentAt = performance.now()
    this.#attempt(() => {
      this.#sent++
      this.#client?.send(payload)
    })
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(error)
    }
  }

  #hear(from: string, error: IcmpError): void {
    const { address, port } = this.#init
    if (!isAbout(error, IpProtocol.udp, address, port)) return
    this.#objection ??= objectionOf(from, error)
    // A connected socket reports a port unreachable by itself; what routers say it may keep to itself (udp(7)).
    if (error.reason !== 'port-unreachable' && error.reason !== 'fragmentation-needed') {
      queueMicrotask(() => this.#end('unreachable'))
    }
  }

  #fail(error: unknown): void {
    const outcome = error instanceof KernelError ? outcomes[error.code] : undefined
    if (outcome !== undefined) {
      this.#end(outcome, (error as KernelError).code)
      return
    }
    if (this.#open) this.#close()
    this.#reject(error)
  }

  #end(outcome: DatagramOutcome, reason: string | null = null, answer: Buffer | null = null): void {
    if (!this.#open) return
    const milliseconds = performance.now() - this.#sentAt
    // The error that ended it may still wait to be heard.
    this.#listener.drain()
    this.#close()
    const { address, port } = this.#init
    this.#resolve({
      ...{ address, port, outcome, reason, answer, milliseconds },
      objection: this.#objection,
      sent: this.#sent,
    })
  }

  #close(): void {
    this.#open = false
    clearTimeout(this.#timer)
    this.#init.signal?.removeEventListener('abort', this.#interrupt)
    this.#listener.close()
    this.#client?.close()
  }
}
