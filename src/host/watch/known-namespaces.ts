/** Who is known to a watch: every namespace with its id in the observer, matched with what searches of the host find. */
import type { Discovery, Sighting } from '../discovery/sighting.ts'
import type { Owner } from '../graph.ts'
import { interfaceId } from '../survey/interface-id.ts'
import type { NamespaceTables, Observer, ObserverId } from '../survey/observer.ts'
import { openSighting } from '../survey/open-sighting.ts'
import { WatchedNamespace } from './watched-namespace.ts'

/** A namespace under watch. */
export interface KnownNamespace {
  readonly id: ObserverId
  /** Inode, or `behind:<interface id>` while only a neighbour shows it. */
  key: string
  /** How it was last found; undefined while only a neighbour shows it. */
  sighting: Sighting | undefined
  owner: Owner | null
  readonly tables: WatchedNamespace
  /** False for one that a far end led to, while a search is still to find out what it is. Nobody has been told of it yet. */
  told: boolean
  /** True when the last search found it without the name that it had before. */
  nameless: boolean
  /** Place of the last announcement that was made before its tables were read (`NetlinkMonitor.received`). */
  readUpTo: number
}

/** A known namespace that is found under other names than before. */
export interface RenamedNamespace {
  readonly namespace: KnownNamespace
  readonly before: readonly string[]
}

/** How what was found compares with what was known. */
export interface Match {
  /** Namespaces that nobody has been told of before. */
  readonly added: KnownNamespace[]
  /** Known ones that were hidden and are no longer, with the keys that they had. */
  readonly revealed: { readonly namespace: KnownNamespace; readonly before: string }[]
  readonly renamed: RenamedNamespace[]
  /** Known ones that turned out to be gone; they are known no longer. */
  readonly ended: KnownNamespace[]
  /** Ask again soon: names are gone, and it cannot be told yet whether their namespaces are too. */
  unsure: boolean
}

/** What was found and not known, with its id. */
interface Newcomer {
  readonly id: ObserverId
  readonly sighting: Sighting
}

/** All namespaces under watch. */
export class KnownNamespaces {
  readonly #observer: Observer
  readonly #byId = new Map<ObserverId, KnownNamespace>()
  readonly #byKey = new Map<string, KnownNamespace>()
  /** Those that far ends led to and that no search has found yet. */
  readonly #strangers = new Set<KnownNamespace>()
  /** Inodes that were seen in the last search and could not be opened, by how many searches in a row. */
  #unopened = new Map<string, number>()

  constructor(observer: Observer) {
    this.#observer = observer
  }

  all(): IterableIterator<KnownNamespace> {
    return this.#byId.values()
  }

  byId(id: ObserverId): KnownNamespace | undefined {
    return this.#byId.get(id)
  }

  /** True when a search is no use for the namespace with this inode: it is known, or it is seen but never can be opened. */
  hasInode(inode: number): boolean {
    const key = String(inode)
    return this.#byKey.has(key) || (this.#unopened.get(key) ?? 0) > 1
  }

  /** True while far ends lead to namespaces that no search has found. */
  get hasStrangers(): boolean {
    return this.#strangers.size > 0
  }

  /** Looks at far ends. @returns the namespaces that they lead to and that were not known before */
  meet(namespace: KnownNamespace, links: NamespaceTables['links']): KnownNamespace[] {
    return links.flatMap((link) => {
      const id = link.linkNetnsid
      if (id === undefined || id < 0 || this.#byId.has(id)) return []
      const stranger = this.#add(id, `behind:${interfaceId(namespace.key, link.index)}`, undefined)
      this.#strangers.add(stranger)
      return [stranger]
    })
  }

  /**
   * Takes in what a search found. The kernel frees an inode number after it has announced the end of its namespace
   * (cleanup_net, net/core/net_namespace.c): when all announcements made before this call have been taken, an inode that is
   * known is the same namespace as before.
   *
   * An id, though, is free as soon as its namespace ends, and may be a newcomer's while the end still waits to be read.
   * @param settle takes all announcements made before this call; it is called when newcomers have got their ids
   */
  match(discovery: Discovery, settle: () => void): Match {
    const match: Match = { added: [], revealed: [], renamed: [], ended: [], unsure: false }
    const unopened = new Map<string, number>()
    const newcomers: Newcomer[] = []
    for (const sighting of discovery.sightings) {
      const { inode } = sighting
      const known = this.#byKey.get(inode)
      const id = known === undefined ? this.#number(sighting) : undefined
      if (known !== undefined) renew(known, sighting, match)
      else if (id !== undefined) newcomers.push({ id, sighting })
      else unopened.set(inode, (this.#unopened.get(inode) ?? 0) + 1)
    }
    this.#unopened = unopened
    if (newcomers.length > 0) settle()
    // The end of one that is gone already has been taken, and told nobody anything.
    for (const newcomer of newcomers) if (this.#observer.isAlive(newcomer.id)) this.#take(newcomer, match)
    return match
  }

  /** The same when announcements were lost: every namespace has to prove that it is still the one that was known. */
  matchAnew(discovery: Discovery, settle: () => void): Match {
    const sightings = new Map(discovery.sightings.map((sighting) => [sighting.inode, sighting]))
    const ended = [...this.#byId.values()].filter((known) => !this.#isStill(known, sightings.get(known.key)))
    for (const known of ended) this.forget(known.id)
    const match = this.match(discovery, settle)
    match.ended.unshift(...ended)
    return match
  }

  #isStill(known: KnownNamespace, sighting: Sighting | undefined): boolean {
    const opened = sighting === undefined ? undefined : openSighting(sighting)
    if (opened === undefined) return this.#observer.isAlive(known.id)
    try {
      return this.#observer.idOf(opened.fd) === known.id
    } finally {
      opened.close()
    }
  }

  /** Strangers that no search has found stay what is behind their neighbour's interface. */
  acceptStrangers(): KnownNamespace[] {
    const accepted = [...this.#strangers]
    this.#strangers.clear()
    return accepted
  }

  /** It is gone. */
  forget(id: ObserverId): KnownNamespace | undefined {
    const namespace = this.#byId.get(id)
    if (namespace === undefined) return undefined
    this.#strangers.delete(namespace)
    this.#byId.delete(id)
    if (this.#byKey.get(namespace.key) === namespace) this.#byKey.delete(namespace.key)
    return namespace
  }

  /** Gives it an id; undefined when it cannot be opened: it is gone again, or we may not. */
  #number(sighting: Sighting): ObserverId | undefined {
    const opened = openSighting(sighting)
    const id = opened === undefined ? undefined : this.#observer.number([opened.fd])[0]
    opened?.close()
    return id
  }

  #take({ id, sighting }: Newcomer, match: Match): void {
    const hidden = this.#byId.get(id)
    if (hidden === undefined) {
      match.added.push(this.#add(id, sighting.inode, sighting))
      return
    }
    const before = hidden.key
    const namespace = this.#reveal(hidden, sighting)
    if (hidden.told) match.revealed.push({ namespace, before })
    else match.added.push(namespace)
  }

  #reveal(hidden: KnownNamespace, sighting: Sighting): KnownNamespace {
    this.#strangers.delete(hidden)
    this.#byKey.delete(hidden.key)
    hidden.key = sighting.inode
    hidden.sighting = sighting
    this.#byKey.set(hidden.key, hidden)
    return hidden
  }

  #add(id: ObserverId, key: string, sighting: Sighting | undefined): KnownNamespace {
    const namespace = {
      id,
      key,
      sighting,
      owner: null,
      tables: new WatchedNamespace(),
      told: false,
      nameless: false,
      readUpTo: 0,
    }
    this.#byId.set(id, namespace)
    this.#byKey.set(key, namespace)
    return namespace
  }
}

function renew(known: KnownNamespace, sighting: Sighting, match: Match): void {
  const before = known.sighting?.names ?? []
  const loses = before.length > 0 && sighting.names.length === 0
  if (loses && !known.nameless) {
    // A namespace that ends loses its name first, and shall end under it.
    known.nameless = true
    match.unsure = true
    return
  }
  known.nameless = false
  known.sighting = sighting
  if (before.join('/') !== sighting.names.join('/')) match.renamed.push({ namespace: known, before })
}
