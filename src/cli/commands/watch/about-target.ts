/** Which changes are about the target of a watch, also when its container was restarted into another namespace. */
import type { Change, Owner } from '../../../host/index.ts'

/** What the target was when the watch began. */
export interface WatchedTarget {
  readonly inode: string
  readonly names: readonly string[]
  readonly owners: readonly Owner[]
}

/** Changes of a namespace that are kept back until its owner is known. */
const MOST_KEPT = 1000
/** How long an owner is waited for, in milliseconds: a daemon names a container some time after making its namespace. */
const PATIENCE = 4000

/** Changes of a namespace that may yet turn out to be the target's. */
interface Kept {
  readonly since: number
  readonly changes: Change[]
}

/**
 * Picks the changes that are about a target: those of its namespace, and after a restart those of the new namespace of the
 * same owner or name. What happens in a new namespace before its owner is known is kept back, and comes when he is known.
 */
export class AboutTarget {
  readonly #inodes: Set<string>
  readonly #names: ReadonlySet<string>
  readonly #owners: ReadonlySet<string>
  readonly #kept = new Map<string, Kept>()

  constructor(target: WatchedTarget) {
    this.#inodes = new Set([target.inode])
    this.#names = new Set(target.names)
    this.#owners = new Set(target.owners.filter(isLasting).map(ownerKey))
  }

  /** The changes among these that are about the target, behind those that have turned out to be. */
  pick(changes: readonly Change[], now = Date.now()): Change[] {
    const picked = changes.flatMap((change) => this.#pickOne(change, now))
    for (const [inode, { since }] of this.#kept) if (now - since > PATIENCE) this.#kept.delete(inode)
    return picked
  }

  #pickOne(change: Change, now: number): Change[] {
    const { namespace, object, action } = change
    if (namespace === null) return [change]
    const { inode } = namespace
    if (this.#inodes.has(inode)) {
      // The number may be another namespace's after this.
      if (object === 'namespace' && action === 'removed') this.#inodes.delete(inode)
      return [change]
    }
    const isTarget =
      namespace.names.some((name) => this.#names.has(name)) ||
      (namespace.owner !== null && this.#owners.has(ownerKey(namespace.owner)))
    if (!isTarget) {
      this.#keep(change, now)
      return []
    }
    const before = this.#kept.get(inode)?.changes ?? []
    this.#kept.delete(inode)
    if (action !== 'removed' || object !== 'namespace') this.#inodes.add(inode)
    return [...before, change]
  }

  #keep(change: Change, now: number): void {
    const { inode, owner } = change.namespace!
    const begins = change.object === 'namespace' && change.action === 'added'
    const ends = change.object === 'namespace' && change.action === 'removed'
    if (ends || (owner !== null && isLasting(owner))) this.#kept.delete(inode)
    else if (begins && this.#owners.size > 0) this.#kept.set(inode, { since: now, changes: [change] })
    else {
      const kept = this.#kept.get(inode)
      if (kept !== undefined && kept.changes.length < MOST_KEPT) kept.changes.push(change)
    }
  }
}

/** A process does not come back under the same id. */
function isLasting({ runtime }: Owner): boolean {
  return runtime !== 'process' && runtime !== 'systemd'
}

function ownerKey({ runtime, id }: Owner): string {
  return `${runtime} ${id}`
}
