/** Which TCP ports of an address are open, closed or filtered, seen from a namespace. */
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelError } from '../../kernel/index.ts'
import { bareAddress, canonicalAddress, familyOfAddress } from '../wire/address.ts'
import type { IcmpObjection } from '../wire/icmp-listener.ts'
import type { Found, PortScan, PortState, ScanInit, ScannedPort } from './port-scan.ts'
import { scanByConnecting } from './scan-by-connecting.ts'
import { SynSocket } from './syn-socket.ts'

/** SYNs sent before answers are taken in: a peer on this host answers at once, and the socket's buffer is not endless. */
const BATCH = 64
/** SYNs that got no answer are sent once more after this part of the time. */
const SECOND_TRY = 0.3

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
