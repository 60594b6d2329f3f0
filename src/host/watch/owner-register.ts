/** Keeps the owners of watched namespaces up to date, without making the watch wait for any daemon. */
import { commandOf } from '../../kernel/index.ts'
import { readOwnerEvidence } from '../discovery/discover.ts'
import type { Discovery } from '../discovery/sighting.ts'
import type { Owner } from '../graph.ts'
import { askOwners } from '../owners/ask-owners.ts'
import { defaultSources } from '../owners/default-sources.ts'
import type { OwnerClaim } from '../owners/owner-source.ts'
import type { KnownNamespace, KnownNamespaces } from './known-namespaces.ts'

/**
 * Milliseconds between rounds of questions about newcomers whose owner nobody knows yet: a daemon names a container after
 * making it. Afterwards the newcomers count as nobody's.
 */
const RETRIES = [250, 500, 1500]
/** Least time between two rounds, in milliseconds: a burst of namespaces must not keep the daemons busy. */
const PAUSE = 250
/** A round that took long is followed by a pause this many times as long. */
const PAUSE_FACTOR = 4

/** What the register works with. */
export interface OwnerRegisterInit {
  readonly known: KnownNamespaces
  /** For DOCKER_HOST. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** A namespace has another owner than `before`. */
  readonly changed: (namespace: KnownNamespace, before: Owner | null) => void
  readonly failed: (error: unknown) => void
}

/** Asks who owns what, one round at a time. Its timer does not keep the process alive. */
export class OwnerRegister {
  readonly #init: OwnerRegisterInit
  readonly #newcomers = new Set<KnownNamespace>()
  #discovery: Discovery | undefined
  #attempt = 0
  #timer: NodeJS.Timeout | undefined
  #asking = false
  #earliest = 0
  #closed = false

  constructor(init: OwnerRegisterInit) {
    this.#init = init
  }

  /** What can be said of a newcomer at once: the process that lives in it. */
  introduce(namespace: KnownNamespace): void {
    const pid = namespace.sighting?.pids[0]
    const name = pid === undefined ? '' : commandOf(pid)
    if (name !== '') namespace.owner = { runtime: 'process', id: String(pid), name, labels: {} }
  }

  /** Notes what was found last. Asks about newcomers soon, and again for as long as somebody may yet claim them. */
  note(discovery: Discovery, newcomers: readonly KnownNamespace[]): void {
    this.#discovery = discovery
    if (newcomers.length === 0) return
    for (const namespace of newcomers) this.#newcomers.add(namespace)
    this.#attempt = 0
    if (!this.#asking) this.#schedule(0)
  }

  /** Asks about everything that a discovery found, now. */
  async ask(discovery: Discovery): Promise<void> {
    this.#asking = true
    const start = performance.now()
    // An answer that comes late must not be taken for one about a namespace that has the same inode number by then.
    const asked = new Map([...this.#init.known.all()].map((namespace) => [namespace.key, namespace]))
    try {
      const evidence = readOwnerEvidence(discovery)
      const sources = defaultSources(this.#init.environment)
      const { claims } = await askOwners(evidence, sources, { deadlineMilliseconds: 1000 })
      if (!this.#closed) this.#register(claims, asked)
    } finally {
      this.#asking = false
      const end = performance.now()
      this.#earliest = end + Math.max(PAUSE, (end - start) * PAUSE_FACTOR)
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #schedule(delay: number): void {
    if (this.#closed) return
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => this.#round().catch(this.#init.failed),
      Math.max(delay, this.#earliest - performance.now()),
    )
    this.#timer.unref()
  }

  async #round(): Promise<void> {
    if (this.#discovery === undefined) return
    const attempt = this.#attempt++
    await this.ask(this.#discovery)
    for (const namespace of this.#newcomers) if (isSettled(namespace)) this.#newcomers.delete(namespace)
    const delay = this.#attempt > attempt ? RETRIES[attempt] : 0
    if (delay === undefined) this.#newcomers.clear()
    else if (this.#newcomers.size > 0) this.#schedule(delay)
  }

  #register(claims: readonly OwnerClaim[], asked: ReadonlyMap<string, KnownNamespace>): void {
    const claimed = new Set<string>()
    for (const { inode, owner } of claims) {
      const namespace = asked.get(inode)
      // The first claim has precedence.
      if (namespace === undefined || claimed.has(inode)) continue
      claimed.add(inode)
      const before = namespace.owner
      if (this.#init.known.byId(namespace.id) !== namespace || same(owner, before)) continue
      namespace.owner = owner
      if (!isSameProcess(owner, before)) this.#init.changed(namespace, before)
    }
  }
}

function isSettled({ owner }: KnownNamespace): boolean {
  return owner !== null && owner.runtime !== 'process'
}

function same(a: Owner, b: Owner | null): boolean {
  return b !== null && a.runtime === b.runtime && a.id === b.id && a.name === b.name
}

/** A process that has become another program is the same owner. */
function isSameProcess(a: Owner, b: Owner | null): boolean {
  return b !== null && a.runtime === 'process' && b.runtime === 'process' && a.id === b.id
}
