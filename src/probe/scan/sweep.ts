/**
 * Which of many addresses are in use, seen from a namespace: by ARP where they are on its links (a host may refuse all else,
 * but it answers that), by echo requests and SYNs beyond.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelError, type NamespaceHandle } from '../../kernel/index.ts'
import { canonicalAddress } from '../wire/address.ts'
import { ArpAsker } from './arp-asker.ts'
import type { Asker, SweepEvidence } from './asker.ts'
import { FarAsker } from './far-asker.ts'
import { type Neighbourhood, readNeighbourhood } from './neighbourhood.ts'

/** An address that is in use. */
export interface SweptHost {
  readonly address: string
  readonly by: SweepEvidence
  /** On the same link: its hardware address. Several where several answer, which is a fault. */
  readonly macs: readonly string[]
  /** From the question to the answer; null for our own. */
  readonly milliseconds: number | null
}

/** What to sweep. */
export interface SweepInit {
  readonly namespace: NamespaceHandle
  readonly addresses: readonly string[]
  /** Milliseconds to wait for those beyond the links. */
  readonly timeout: number
  /** Questions a second at most. */
  readonly rate: number
  readonly signal?: AbortSignal
}

/** What was found. */
export interface Sweep {
  /** In the order in which they were given. */
  readonly hosts: readonly SweptHost[]
  /** How many were asked. */
  readonly asked: number
  /** Errno symbols of what the kernel would not send, with how often. */
  readonly refused: Readonly<Record<string, number>>
  readonly interrupted: boolean
  readonly milliseconds: number
}

/** Questions sent before answers are taken in. */
const BATCH = 32
/** Milliseconds that a host on the same link is given: its kernel answers at once, unless a wireless link sleeps. */
const LINK_PATIENCE = 100

/** Sweeps. @throws KernelError EPERM without CAP_NET_RAW; RangeError when an address is none */
export async function sweep(init: SweepInit): Promise<Sweep> {
  return new Sweeping(init).run()
}

/** A sweep while it lasts. */
class Sweeping {
  readonly #init: SweepInit
  readonly #addresses: readonly string[]
  readonly #wanted: ReadonlySet<string>
  readonly #neighbourhood: Neighbourhood
  readonly #hosts = new Map<string, SweptHost>()
  /** What the kernel would not send, by address: an errno's symbol. */
  readonly #refused = new Map<string, string>()
  readonly #started = performance.now()
  #finish: () => void = () => {}

  constructor(init: SweepInit) {
    this.#init = init
    this.#addresses = init.addresses.map(canonicalAddress)
    this.#wanted = new Set(this.#addresses)
    this.#neighbourhood = readNeighbourhood(init.namespace)
  }

  async run(): Promise<Sweep> {
    const { own, onLink } = this.#neighbourhood
    for (const address of this.#addresses) {
      if (own.has(address)) this.#hosts.set(address, { address, by: 'own', macs: [], milliseconds: null })
    }
    const others = this.#addresses.filter((address) => !own.has(address))
    const near = others.filter((address) => onLink(address) !== undefined)
    const far = others.filter((address) => onLink(address) === undefined)
    await Promise.all([this.#sweepNear(near), this.#sweepFar(far)])
    return {
      hosts: this.#addresses.flatMap((address) => this.#hosts.get(address) ?? []),
      asked: this.#addresses.length,
      refused: countEach(this.#refused.values()),
      interrupted: this.#init.signal?.aborted === true,
      milliseconds: performance.now() - this.#started,
    }
  }

  async #sweepNear(addresses: readonly string[]): Promise<void> {
    if (addresses.length === 0) return
    const { namespace, timeout } = this.#init
    const asker = new ArpAsker(namespace, this.#neighbourhood, { found: (...what) => this.#found(...what) })
    await this.#sweep(asker, addresses, Math.min(LINK_PATIENCE, timeout / 2))
  }

  async #sweepFar(addresses: readonly string[]): Promise<void> {
    const { namespace, timeout } = this.#init
    for (const family of ['ipv4', 'ipv6'] as const) {
      const some = addresses.filter((address) => address.includes(':') === (family === 'ipv6'))
      if (some.length === 0) continue
      const asker = new FarAsker(namespace, family, { found: (...what) => this.#found(...what) })
      await this.#sweep(asker, some, timeout / 2)
    }
  }

  /** Asks for all, waits, asks once more for those that have not answered, and waits again. */
  async #sweep(asker: Asker, addresses: readonly string[], patience: number): Promise<void> {
    try {
      for (let attempt = 0; attempt < 2; attempt++) {
        const missing = addresses.filter((address) => !this.#isSettled(address))
        await this.#askAll(asker, missing)
        await this.#wait(addresses, patience)
      }
    } finally {
      await asker.close()
    }
  }

  async #askAll(asker: Asker, addresses: readonly string[]): Promise<void> {
    const { rate, signal } = this.#init
    const began = performance.now()
    for (let i = 0; i < addresses.length && signal?.aborted !== true; i++) {
      try {
        asker.ask(addresses[i]!)
      } catch (error) {
        if (!(error instanceof KernelError) || error.code === 'EPERM') throw error
        this.#refused.set(addresses[i]!, error.code)
      }
      if ((i + 1) % BATCH !== 0) continue
      asker.drain()
      const early = began + ((i + 1) * 1000) / rate - performance.now()
      if (early > 1) await sleep(early)
    }
    asker.drain()
  }

  #wait(addresses: readonly string[], milliseconds: number): Promise<void> {
    const { signal } = this.#init
    return new Promise((resolve) => {
      const before = this.#finish
      const end = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = setTimeout(end, milliseconds)
      signal?.addEventListener('abort', end, { once: true })
      this.#finish = () => {
        before()
        if (signal?.aborted === true || addresses.every((address) => this.#isSettled(address))) end()
      }
      this.#finish()
    })
  }

  #isSettled(address: string): boolean {
    return this.#hosts.has(address) || this.#refused.has(address)
  }

  #found(address: string, by: SweepEvidence, milliseconds: number, mac?: string): void {
    // Answers to others' questions come by too.
    if (!this.#wanted.has(address)) return
    const known = this.#hosts.get(address)
    if (known === undefined) {
      this.#hosts.set(address, { address, by, macs: mac === undefined ? [] : [mac], milliseconds })
    } else if (mac !== undefined && !known.macs.includes(mac)) {
      this.#hosts.set(address, { ...known, macs: [...known.macs, mac] })
    }
    this.#finish()
  }
}

function countEach(words: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1
  return counts
}
