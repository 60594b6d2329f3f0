/** Which TCP ports of an address are open, closed or filtered, seen from a namespace. */
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelError, type NamespaceHandle } from '../../kernel/index.ts'
import { tryConnect } from '../tcp/connect.ts'
import { bareAddress, canonicalAddress, familyOfAddress } from '../wire/address.ts'
import type { IcmpObjection } from '../wire/icmp-listener.ts'
import { SynSocket } from './syn-socket.ts'

/** `open`: a connection would be made. `closed`: refused. `filtered`: no answer, or somebody on the way objects. */
export type PortState = 'open' | 'closed' | 'filtered'

/** A port. */
export interface ScannedPort {
  readonly port: number
  readonly state: PortState
  /** From the SYN to the answer; null without one. */
  readonly milliseconds: number | null
  /** Who objects; null when nobody does. */
  readonly objection: IcmpObjection | null
}

/** What to scan. */
export interface ScanInit {
  readonly namespace: NamespaceHandle
  readonly address: string
  readonly ports: readonly number[]
  /** `half-open` sends SYNs and never finishes a connection; `connect` makes each one as a program would. */
  readonly method: 'half-open' | 'connect'
  /** Milliseconds after which a port without an answer is filtered. */
  readonly timeout: number
  /** SYNs a second at most. */
  readonly rate: number
  readonly signal?: AbortSignal
}

/** What was found. */
export interface PortScan {
  readonly address: string
  readonly method: 'half-open' | 'connect'
  /** In the order in which they were given; those that were not asked when it was interrupted are left out. */
  readonly ports: readonly ScannedPort[]
  /** The errno's symbol when the kernel would not send; null otherwise. */
  readonly reason: string | null
  readonly interrupted: boolean
  readonly milliseconds: number
}

/** SYNs sent before answers are taken in: a peer on this host answers at once, and the socket's buffer is not endless. */
const BATCH = 64
/** SYNs that got no answer are sent once more after this part of the time. */
const SECOND_TRY = 0.3
/** Connections made at the same time by `connect`. */
const MOST_CONNECTIONS = 256

/**
 * Scans.
 * @throws KernelError EPERM without CAP_NET_RAW for `half-open`
 * @throws RangeError when the address is none
 */
export async function scanPorts(init: ScanInit): Promise<PortScan> {
  const address = canonicalAddress(init.address)
  const started = performance.now()
  const found =
    init.method === 'connect'
      ? await scanByConnecting({ ...init, address })
      : await new HalfOpenScan({ ...init, address }).run()
  return {
    ...{ address, method: init.method, ...found },
    interrupted: init.signal?.aborted === true,
    milliseconds: performance.now() - started,
  }
}

type Found = Pick<PortScan, 'ports' | 'reason'>

/** A scan by SYNs while it lasts. */
class HalfOpenScan {
  readonly #init: ScanInit
  readonly #socket: SynSocket
  /** Microseconds at which each port's SYN was sent. */
  readonly #sentAt = new Map<number, number>()
  readonly #results = new Map<number, ScannedPort>()
  #finish: () => void = () => {}

  constructor(init: ScanInit) {
    this.#init = init
    const expected = bareAddress(init.address)
    this.#socket = new SynSocket(init.namespace, familyOfAddress(init.address), {
      answered: (from, port, state, microseconds) => {
        if (from === expected) this.#settle(port, state, microseconds, null)
      },
      objected: (to, port, objection) => {
        if (to === expected && objection.reason !== 'time-exceeded') this.#settle(port, 'filtered', null, objection)
      },
    })
  }

  async run(): Promise<Found> {
    const { ports, timeout } = this.#init
    try {
      await this.#sendAll(ports)
      await this.#wait(timeout * SECOND_TRY)
      await this.#sendAll(ports.filter((port) => !this.#results.has(port)))
      await this.#wait(timeout * (1 - SECOND_TRY))
      return { ports: this.#report(), reason: null }
    } catch (error) {
      if (!(error instanceof KernelError) || error.code === 'EMFILE') throw error
      return { ports: [], reason: error.code }
    } finally {
      this.#socket.close()
    }
  }

  async #sendAll(ports: readonly number[]): Promise<void> {
    const { address, rate, signal } = this.#init
    const began = performance.now()
    for (let i = 0; i < ports.length && signal?.aborted !== true; i++) {
      const port = ports[i]!
      this.#sentAt.set(port, this.#socket.send(address, port))
      if ((i + 1) % BATCH !== 0) continue
      this.#socket.drain()
      const early = began + ((i + 1) * 1000) / rate - performance.now()
      if (early > 1) await sleep(early)
    }
    this.#socket.drain()
  }

  /** Waits until every port has its answer, or the time is over. */
  #wait(milliseconds: number): Promise<void> {
    const { signal, ports } = this.#init
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        this.#finish = () => {}
        resolve()
      }
      const timer = setTimeout(end, milliseconds)
      signal?.addEventListener('abort', end, { once: true })
      this.#finish = () => {
        if (this.#results.size >= ports.length || signal?.aborted === true) end()
      }
      this.#finish()
    })
  }

  #settle(port: number, state: PortState, microseconds: number | null, objection: IcmpObjection | null): void {
    const sentAt = this.#sentAt.get(port)
    const known = this.#results.get(port)
    // A port that answers is not filtered, whatever was said about an earlier SYN.
    if (sentAt === undefined || (known !== undefined && known.objection === null)) return
    const milliseconds = microseconds === null ? null : Math.max(0, (microseconds - sentAt) / 1000)
    this.#results.set(port, { port, state, milliseconds, objection })
    this.#finish()
  }

  #report(): ScannedPort[] {
    const silent =
      this.#init.signal?.aborted === true ? [] : [{ state: 'filtered', milliseconds: null, objection: null } as const]
    return this.#init.ports.flatMap((port) => this.#results.get(port) ?? silent.map((state) => ({ port, ...state })))
  }
}

async function scanByConnecting({ namespace, address, ports, timeout, rate, signal }: ScanInit): Promise<Found> {
  const results = new Map<number, ScannedPort>()
  let reason: string | null = null
  let next = 0
  const began = performance.now()
  const work = async (): Promise<void> => {
    while (next < ports.length && signal?.aborted !== true && reason === null) {
      const early = began + (next * 1000) / rate - performance.now()
      const port = ports[next++]!
      if (early > 1) await sleep(early)
      const stop = signal === undefined ? {} : { signal }
      const found = await tryConnect({ namespace, address, port, timeout, ...stop })
      const { outcome, objection, milliseconds } = found
      if (outcome === 'interrupted') return
      // No route: it would be the same for every port. A rule that rejects says so by ICMP.
      if (outcome === 'unreachable' && objection === null) reason = found.reason
      const state =
        outcome === 'connected' ? 'open' : outcome === 'refused' && objection === null ? 'closed' : 'filtered'
      results.set(port, { port, state, objection, milliseconds: state === 'filtered' ? null : milliseconds })
    }
  }
  await Promise.all(Array.from({ length: Math.min(MOST_CONNECTIONS, ports.length) }, work))
  return { ports: reason === null ? ports.flatMap((port) => results.get(port) ?? []) : [], reason }
}
