/**
 * Every change in every namespace, as it happens. One multicast socket in an observer namespace hears all namespaces that have
 * an id there (NETLINK_LISTEN_ALL_NSID); one without an id is silent, so that new ones must be found and numbered quickly, and
 * what happened in them before is read instead. The kernel announces the end of a namespace as the end of its id, before
 * it tears down what is inside, so that the end of everything inside is told from what was known of it.
 *
 * What it cannot promise: a namespace that comes and goes between two searches (20 to 100 ms) leaves no trace unless it is
 * joined to another one; its far ends then tell of it, if one of them still exists when the announcement of it is read. Of one that only a neighbour shows, routes, rules, neighbours and forwarding entries are told from when
 * they are announced; the kernel lets nobody read what was there before. The same goes for IPv4 routes that it flushes there.
 */
import {
  type Announcement,
  decodeEvent,
  groupMask,
  type MonitorItem,
  NetlinkMonitor,
  NetlinkProtocol,
  type RouteEvent,
  RouteGroup,
} from '../../kernel/index.ts'
import { discoverNamespaces } from '../discovery/discover.ts'
import type { Discovery } from '../discovery/sighting.ts'
import { type NamespaceTables, Observer } from '../survey/observer.ts'
import type { Change } from './change.ts'
import { ChangeLog } from './change-log.ts'
import { type KnownNamespace, KnownNamespaces, type Match } from './known-namespaces.ts'
import { type LookOut, lookOut, timed } from './newcomers.ts'
import { OwnerRegister } from './owner-register.ts'
import { readInside, readRoutes, readThroughObserver } from './read-namespace.ts'
import { type SearchDepth, SearchSchedule } from './search-schedule.ts'
import { mayLeadElsewhere, mayLoseRoutes } from './watched-namespace.ts'

/** How to watch. */
export interface WatchOptions {
  /** For DOCKER_HOST. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Receive buffer for announcements in bytes; those that find no room are made up for by reading anew. Default 64 MiB. */
  readonly receiveBuffer?: number
}

const GROUPS = groupMask(
  RouteGroup.link,
  RouteGroup.neighbour,
  RouteGroup.ipv4Address,
  RouteGroup.ipv4Route,
  RouteGroup.ipv4Rule,
  RouteGroup.ipv6Address,
  RouteGroup.ipv6Route,
  RouteGroup.ipv6Rule,
  RouteGroup.namespaceId,
  RouteGroup.nexthop,
)

/** What is left to do when a batch of announcements has been taken. */
interface Errands {
  /** Namespaces that may have lost routes silently. */
  readonly poorer: Set<KnownNamespace>
  /** Links whose far end has the id of a namespace that was known. */
  readonly doubtful: { readonly namespace: KnownNamespace; readonly index: number; readonly far: KnownNamespace }[]
}

/** A running watch: iterate over it for batches of changes, close it to end. It keeps the process alive until then. */
export class HostWatch implements AsyncIterable<readonly Change[]> {
  readonly #observer: Observer
  readonly #monitor: NetlinkMonitor<RouteEvent>
  readonly #known: KnownNamespaces
  readonly #owners: OwnerRegister
  readonly #lookOut: LookOut
  readonly #schedule = new SearchSchedule((depth) => this.#guarded(() => this.#search(depth)))
  readonly #log = new ChangeLog()
  #wake: (() => void) | undefined
  #closed = false
  #failure: { readonly error: unknown } | undefined
  #searchCost = 0

  /**
   * Starts a watch; what is there now is its starting point and no change.
   * @throws KernelError EPERM without CAP_SYS_ADMIN and CAP_NET_BROADCAST
   */
  static async open(options: WatchOptions = {}): Promise<HostWatch> {
    const observer = Observer.open()
    let watch: HostWatch | undefined
    try {
      watch = new HostWatch(observer, options)
      await watch.#owners.ask(watch.#search('deep'))
      // What the first look found is not news; the owners that were found for it are not either.
      watch.#log.take()
      watch.#start()
      return watch
    } catch (error) {
      if (watch === undefined) observer.close()
      else watch.close()
      throw error
    }
  }

  private constructor(observer: Observer, options: WatchOptions) {
    this.#observer = observer
    this.#known = new KnownNamespaces(observer)
    this.#owners = new OwnerRegister({
      known: this.#known,
      environment: options.environment ?? {},
      changed: (namespace, before) => {
        const after = { owner: namespace.owner?.name ?? null }
        this.#log.namespace(namespace, 'changed', { before: { owner: before?.name ?? null }, after })
        this.#wake?.()
      },
      failed: (error) => this.#fail(error),
    })
    this.#monitor = new NetlinkMonitor({
      protocol: NetlinkProtocol.route,
      groups: GROUPS,
      namespace: observer.namespace,
      allNamespaces: true,
      receiveBuffer: options.receiveBuffer ?? 64 * 1024 * 1024,
      decode: (header, bytes, offset, length) => decodeEvent(header.type, bytes, offset, length),
    })
    this.#lookOut = lookOut({
      known: (inode) => this.#known.hasInode(inode),
      search: (depth) => this.#schedule.request(depth),
      searchCost: () => this.#searchCost,
      failed: (error) => this.#fail(error),
    })
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly Change[]> {
    try {
      while (!this.#closed) {
        if (!this.#log.isEmpty) yield this.#log.take()
        else if (this.#failure !== undefined) throw this.#failure.error
        else await this.#somethingHappens()
      }
    } finally {
      this.close()
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#schedule.close()
    this.#lookOut.close()
    this.#owners.close()
    this.#monitor.close()
    this.#observer.close()
    this.#wake?.()
  }

  async #somethingHappens(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
  }

  /** Work that nobody awaits ends the iteration when it fails. */
  #guarded(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(error)
    }
    if (!this.#log.isEmpty) this.#wake?.()
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake?.()
  }

  #start(): void {
    const listen = async (): Promise<void> => {
      for await (const item of this.#monitor) this.#guarded(() => this.#take(item))
    }
    listen().catch((error: unknown) => this.#fail(error))
  }

  #take(item: MonitorItem<RouteEvent>): void {
    if (item.kind === 'gap') {
      this.#schedule.request('anew')
      return
    }
    const errands: Errands = { poorer: new Set(), doubtful: [] }
    for (const announcement of item.announcements) {
      if (announcement.value.object === 'nsid') this.#takeId(announcement.nsid, announcement.value)
      else if (announcement.nsid !== undefined) this.#takeEvent(announcement.nsid, announcement, errands)
    }
    for (const namespace of errands.poorer) {
      if (!namespace.told || !this.#isKnown(namespace)) continue
      this.#log.objects(namespace, readRoutes(namespace, this.#observer), false)
    }
    if (errands.doubtful.length > 0) this.#lookAgain(errands.doubtful)
  }

  /** Takes everything that has been announced so far. */
  #settle(): void {
    for (const item of this.#monitor.poll()) this.#take(item)
  }

  #isKnown(namespace: KnownNamespace): boolean {
    return this.#known.byId(namespace.id) === namespace
  }

  /**
   * Looks once more at far ends whose id was known. The kernel gives an id again as soon as its namespace ends
   * (unhash_nsid, net/core/net_namespace.c): the end may still be waiting to be read.
   */
  #lookAgain(doubtful: Errands['doubtful']): void {
    this.#settle()
    for (const { namespace, index, far } of doubtful) {
      if (this.#isKnown(far) || !this.#isKnown(namespace)) continue
      const link = this.#observer.readLink(namespace.id, index)
      if (link !== undefined) this.#meet(namespace, [link])
    }
  }

  #takeId(nsid: number | undefined, event: RouteEvent & { object: 'nsid' }): void {
    if (nsid !== undefined) {
      // A namespace has numbered another one, because they were joined.
      if (event.action === 'new') this.#schedule.request('quick')
    } else if (event.action === 'deleted' && event.value.nsid !== undefined) {
      const namespace = this.#known.forget(event.value.nsid)
      if (namespace !== undefined) this.#end(namespace)
    }
  }

  #takeEvent(nsid: number, { place, value: event }: Announcement<RouteEvent>, errands: Errands): void {
    const namespace = this.#known.byId(nsid)
    if (namespace === undefined) {
      this.#schedule.request('quick')
      return
    }
    if (place <= namespace.readUpTo) return
    const differences = namespace.tables.apply(event)
    if (namespace.told) this.#log.objects(namespace, differences, false)
    if (mayLoseRoutes(event, differences)) errands.poorer.add(namespace)
    if (event.object === 'link' && event.action === 'new' && mayLeadElsewhere(event.value, differences)) {
      // The announcement has the far end's id in its own namespace; the observer's is needed.
      const link = this.#observer.readLink(nsid, event.value.index)
      const far = this.#known.byId(link?.linkNetnsid ?? -1)
      if (far !== undefined) errands.doubtful.push({ namespace, index: event.value.index, far })
      else if (link !== undefined) this.#meet(namespace, [link])
    }
  }

  #search(depth: SearchDepth): Discovery {
    const { result: discovery, milliseconds } = timed(() => discoverNamespaces({ descriptors: depth !== 'quick' }))
    if (depth !== 'quick') this.#searchCost = milliseconds
    // Ends of namespaces that are waiting come first: see `match`.
    this.#settle()
    if (depth === 'anew') this.#log.resynchronised()
    const settle = (): void => this.#settle()
    const match = depth === 'anew' ? this.#known.matchAnew(discovery, settle) : this.#known.match(discovery, settle)
    if (match.unsure) this.#schedule.request('quick')
    if (depth === 'anew') this.#readAnew(match)
    this.#tell(match)
    if (depth !== 'quick') for (const namespace of this.#known.acceptStrangers()) this.#begin(namespace)
    else if (this.#known.hasStrangers) this.#schedule.request('deep')
    this.#owners.note(discovery, [...match.added, ...match.revealed.map(({ namespace }) => namespace)])
    return discovery
  }

  #tell({ added, revealed, renamed, ended }: Match): void {
    for (const namespace of ended) this.#end(namespace)
    for (const { namespace, before } of renamed) {
      const after = { names: namespace.sighting?.names ?? [] }
      this.#log.namespace(namespace, 'changed', { before: { names: before }, after })
    }
    for (const { namespace, before } of revealed) {
      const after = { inode: namespace.key, names: namespace.sighting?.names ?? [] }
      this.#log.namespace(namespace, 'changed', { before: { inode: before, names: [] }, after })
      this.#log.objects(namespace, this.#read(namespace), true)
    }
    for (const namespace of added) this.#begin(namespace)
  }

  /**
   * Far ends lead to namespaces that may be gone before a search finds them. The kernel has given them ids by now, so that
   * they are heard from here on.
   */
  #meet(namespace: KnownNamespace, links: NamespaceTables['links']): void {
    for (const stranger of this.#known.meet(namespace, links)) {
      this.#schedule.request('quick')
      this.#read(stranger)
    }
  }

  #begin(namespace: KnownNamespace): void {
    this.#owners.introduce(namespace)
    this.#read(namespace)
    this.#tellOf(namespace)
  }

  #tellOf(namespace: KnownNamespace): void {
    namespace.told = true
    this.#log.namespace(namespace, 'added', { after: { names: namespace.sighting?.names ?? [] } })
    this.#log.objects(namespace, namespace.tables.all(), true)
  }

  #end(namespace: KnownNamespace): void {
    if (!namespace.told) this.#tellOf(namespace)
    this.#log.objects(namespace, namespace.tables.clear(), true)
    this.#log.namespace(namespace, 'removed', {})
  }

  /** Announcements were lost: what was known before is read again, and what differs is told. */
  #readAnew({ added, revealed }: Match): void {
    const readNext = new Set([...added, ...revealed.map(({ namespace }) => namespace)])
    for (const namespace of this.#known.all()) {
      if (namespace.told && !readNext.has(namespace)) this.#log.objects(namespace, this.#read(namespace), false)
    }
  }

  /** Reads all of a namespace. What was announced before is contained in it, and must not be taken once more. */
  #read(namespace: KnownNamespace): ReturnType<typeof readInside> {
    namespace.readUpTo = this.#monitor.received()
    const tables = readThroughObserver(namespace, this.#observer)
    if (tables === undefined) return []
    this.#meet(namespace, tables.links)
    return [...tables.differences, ...readInside(namespace, this.#observer)]
  }
}
