/**
 * Notices that there may be a new namespace. The kernel announces none that is not joined to another one, so this listens
 * to the directories in which runtimes name theirs, and looks at where processes live: every 100 ms at the young ones, which
 * is where new namespaces appear, and at all of them as often as it costs less than half a per cent of a core.
 */
import { existsSync, type FSWatcher, watch } from 'node:fs'
import { dirname } from 'node:path'
import { NAMED_NAMESPACES, namespaceOfTask, processIds } from '../../kernel/index.ts'
import type { SearchDepth } from './search-schedule.ts'

/** Time between two looks at the processes, in milliseconds. */
const LOOK_INTERVAL = 100
/** Looks for which a process is young: it may still be on its way into a namespace of its own. */
const YOUTH = 20
/** Looking at all processes may cost this share of the time until the next. */
const LOOK_SHARE = 0.005
/** Namespaces that no process shows (descriptors, sockets) wait for a look at everything: milliseconds. */
const SEARCH_INTERVAL = 3000
/** Such a look may cost this share of the time until the next. */
const SEARCH_SHARE = 0.003
/** A name is made first and becomes a mount some hundred microseconds later (ip-netns(8)): look twice. */
const NAME_DELAYS = [5, 60]

/** Directories in which namespaces get names. */
const DIRECTORIES = [NAMED_NAMESPACES, '/run/docker/netns', '/run/cni/netns']

/** What happens when there may be news. */
export interface NewcomerHandlers {
  /** True when the namespace with this inode is no news. */
  known(inode: number): boolean
  /** Asks for a search of the host. */
  search(depth: SearchDepth): void
  /** Milliseconds of processor time that the last deep search took. */
  searchCost(): number
  /** Looking out has failed and goes on no longer. */
  failed(error: unknown): void
}

/** A running look-out. */
export interface LookOut {
  close(): void
}

/** Starts looking out. Its timers do not keep the process alive. */
export function lookOut(handlers: NewcomerHandlers): LookOut {
  const timers = new Set<NodeJS.Timeout>()
  const after = (milliseconds: number, work: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      try {
        work()
      } catch (error) {
        handlers.failed(error)
      }
    }, milliseconds)
    timer.unref()
    timers.add(timer)
  }
  const processes = new ProcessLook((inode) => handlers.known(inode))
  const look = (): void => {
    if (processes.seesNewcomer()) handlers.search('quick')
    after(LOOK_INTERVAL, look)
  }
  const searchDeeply = (): void => {
    handlers.search('deep')
    after(Math.max(SEARCH_INTERVAL, handlers.searchCost() / SEARCH_SHARE), searchDeeply)
  }
  const nameChanged = (): void => {
    for (const delay of NAME_DELAYS) after(delay, () => handlers.search('quick'))
  }
  const directories = DIRECTORIES.map((directory) => new DirectoryWatch(directory, nameChanged))
  after(LOOK_INTERVAL, look)
  after(SEARCH_INTERVAL, searchDeeply)
  return {
    close() {
      for (const timer of timers) clearTimeout(timer)
      timers.clear()
      for (const directory of directories) directory.close()
    },
  }
}

/** Looks at the namespaces of processes, the young ones always and all of them now and then. */
class ProcessLook {
  readonly #known: (inode: number) => boolean
  /** How often each process has been seen. */
  #ages = new Map<number, number>()
  #nextOfAll = 0

  constructor(known: (inode: number) => boolean) {
    this.#known = known
  }

  /** True when a process lives in a namespace that is not known. */
  seesNewcomer(): boolean {
    const ages = new Map<number, number>()
    for (const pid of processIds()) ages.set(pid, (this.#ages.get(pid) ?? 0) + 1)
    this.#ages = ages
    if (performance.now() < this.#nextOfAll) return this.#someoneElsewhere(YOUTH)
    const { result, milliseconds } = timed(() => this.#someoneElsewhere(Number.POSITIVE_INFINITY))
    this.#nextOfAll = performance.now() + milliseconds / LOOK_SHARE
    return result
  }

  #someoneElsewhere(oldest: number): boolean {
    for (const [pid, age] of this.#ages) {
      if (age > oldest) continue
      const inode = namespaceOfTask(pid)
      if (inode > 0 && !this.#known(inode)) return true
    }
    return false
  }
}

/** Does some work and tells what it took of this process's time; waiting for the processor does not count. */
export function timed<T>(work: () => T): { readonly result: T; readonly milliseconds: number } {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  return { result, milliseconds: (user + system) / 1000 }
}

/** Listens to a directory; while it does not exist, to the nearest one above it that does. */
class DirectoryWatch {
  readonly #directory: string
  readonly #changed: () => void
  #watcher: FSWatcher | undefined
  #closed = false

  constructor(directory: string, changed: () => void) {
    this.#directory = directory
    this.#changed = changed
    this.#listen(directory)
  }

  close(): void {
    this.#closed = true
    this.#watcher?.close()
  }

  #listen(place: string): void {
    try {
      this.#watcher = watch(place, { persistent: false }, () => this.#notice(place))
      this.#watcher.on('error', () => this.#watcher?.close())
    } catch {
      // It does not exist, or the user may not listen to any more of them (ENOSPC): the looks at everything remain.
      if (place !== '/') this.#listen(dirname(place))
    }
  }

  #notice(place: string): void {
    if (this.#closed) return
    if (place === this.#directory) {
      this.#changed()
      return
    }
    // What happened above the directory may have been that it, or one on the way to it, was made.
    this.#watcher?.close()
    this.#listen(this.#directory)
    if (existsSync(this.#directory)) this.#changed()
  }
}
