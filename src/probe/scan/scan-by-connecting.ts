/** Scanning ports by making each connection, as a program would: what rules and proxies do to real connections is seen. */
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoName, KernelError, TcpAttempt } from '../../kernel/index.ts'
import { bareAddress, familyOfAddress } from '../wire/address.ts'
import { IpProtocol, quotedPorts } from '../wire/icmp.ts'
import { IcmpListener, type IcmpObjection, objectionOf } from '../wire/icmp-listener.ts'
import type { Found, ScanInit, ScannedPort } from './port-scan.ts'

/** Connections made at the same time: the usual limit of open files is 1,024. */
const MOST_CONNECTIONS = 900

/** Scans. @param init with a canonical address */
export async function scanByConnecting(init: ScanInit): Promise<Found> {
  const scan = new ConnectScan(init)
  try {
    return await scan.run()
  } finally {
    scan.close()
  }
}

/** A scan while it lasts. */
class ConnectScan {
  readonly #init: ScanInit
  readonly #listener: IcmpListener
  readonly #objections = new Map<number, IcmpObjection>()
  readonly #results = new Map<number, ScannedPort>()
  readonly #underWay = new Set<() => void>()
  #next = 0
  #reason: string | null = null

  constructor(init: ScanInit) {
    this.#init = init
    const destination = bareAddress(init.address)
    this.#listener = new IcmpListener(init.namespace, familyOfAddress(init.address), (from, error) => {
      if (error.quoted.protocol !== IpProtocol.tcp || error.quoted.destination !== destination) return
      const ports = quotedPorts(error.quoted)
      if (ports !== undefined) this.#objections.set(ports.destination, objectionOf(from, error))
    })
  }

  async run(): Promise<Found> {
    const { ports, signal } = this.#init
    signal?.addEventListener('abort', this.#interrupt, { once: true })
    await Promise.all(Array.from({ length: Math.min(MOST_CONNECTIONS, ports.length) }, () => this.#work()))
    if (this.#reason !== null) return { ports: [], reason: this.#reason }
    return { ports: ports.flatMap((port) => this.#results.get(port) ?? []), reason: null }
  }

  close(): void {
    this.#init.signal?.removeEventListener('abort', this.#interrupt)
    this.#listener.close()
  }

  /** One listener for all connections: a signal with many warns of a leak. */
  readonly #interrupt = (): void => {
    for (const end of this.#underWay) end()
  }

  async #work(): Promise<void> {
    const { ports, rate, signal } = this.#init
    while (this.#next < ports.length && signal?.aborted !== true && this.#reason === null) {
      const due = (this.#next * 1000) / rate
      const port = ports[this.#next++]!
      const early = this.#started + due - performance.now()
      if (early > 1) await sleep(early)
      await this.#connect(port)
    }
  }

  readonly #started = performance.now()

  #connect(port: number): Promise<void> {
    const { namespace, address, timeout } = this.#init
    const begun = performance.now()
    return new Promise((resolve, reject) => {
      let attempt: TcpAttempt | undefined
      const close = (): void => {
        clearTimeout(timer)
        this.#underWay.delete(close)
        attempt?.close()
        resolve()
      }
      const timer = setTimeout(() => {
        this.#settle(port, 'ETIMEDOUT', timeout)
        close()
      }, timeout)
      this.#underWay.add(close)
      try {
        attempt = new TcpAttempt(namespace, address, port, (errno) => {
          this.#settle(port, errno === 0 ? null : errnoName(errno), performance.now() - begun)
          close()
        })
      } catch (error) {
        if (error instanceof KernelError && error.code !== 'EMFILE') this.#settle(port, error.code, 0)
        else reject(error)
        close()
      }
    })
  }

  /** @param code an errno's symbol; null for a connection */
  #settle(port: number, code: string | null, milliseconds: number): void {
    // The error that ended the attempt may still wait to be heard.
    this.#listener.drain()
    const objection = this.#objections.get(port) ?? null
    // No route: it would be the same for every port. A rule that rejects says so by ICMP.
    const noWay = code === 'ENETUNREACH' || code === 'EHOSTUNREACH' || code === 'ENETDOWN'
    if (noWay && objection === null) this.#reason = code
    const state = code === null ? 'open' : code === 'ECONNREFUSED' && objection === null ? 'closed' : 'filtered'
    this.#results.set(port, { port, state, objection, milliseconds: state === 'filtered' ? null : milliseconds })
  }
}
