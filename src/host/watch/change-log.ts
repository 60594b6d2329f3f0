/** Changes that were noticed and have not been handed out yet. */
import type { Change, ChangedNamespace, WatchedAction } from './change.ts'
import type { KnownNamespace } from './known-namespaces.ts'
import { interfaceOf, subjectOf } from './subject.ts'
import type { ObjectDifference } from './watched-namespace.ts'

/** What a change says beyond its subject. */
type Particulars = Partial<Pick<Change, 'interface' | 'implied' | 'before' | 'after'>>

/** Writes changes down, in the order in which they were noticed. */
export class ChangeLog {
  #changes: Change[] = []

  get isEmpty(): boolean {
    return this.#changes.length === 0
  }

  /** Everything since it was taken last. */
  take(): readonly Change[] {
    const changes = this.#changes
    this.#changes = []
    return changes
  }

  /** About a namespace itself. */
  namespace(namespace: KnownNamespace, action: WatchedAction, particulars: Particulars): void {
    this.#write(describe(namespace), 'namespace', action, nameOf(namespace), particulars)
  }

  /** About objects in a namespace. `implied`: they came or went with it. */
  objects(namespace: KnownNamespace, differences: readonly ObjectDifference[], implied: boolean): void {
    const place = describe(namespace)
    for (const { object, difference } of differences) {
      const { action, before, after } = difference
      const view = after ?? before
      const particulars = { interface: interfaceOf(object, view), implied, before, after }
      this.#write(place, object, action, subjectOf(object, view), particulars)
    }
  }

  /** About the watch itself. */
  resynchronised(): void {
    const subject = 'the kernel dropped announcements; everything was read again'
    this.#write(null, 'watch', 'resynchronised', subject, {})
  }

  #write(
    namespace: ChangedNamespace | null,
    object: Change['object'],
    action: WatchedAction,
    subject: string,
    particulars: Particulars,
  ): void {
    this.#changes.push({
      schema: 'netwright/event/v1',
      time: new Date().toISOString(),
      namespace,
      object,
      action,
      subject,
      interface: null,
      implied: false,
      before: null,
      after: null,
      ...particulars,
    })
  }
}

function describe({ key, sighting, owner }: KnownNamespace): ChangedNamespace {
  return { inode: key, names: sighting?.names ?? [], owner }
}

/** What people call a namespace: its owner, its name, its inode. A process is no name: there may be a hundred `sleep`. */
function nameOf({ key, sighting, owner }: KnownNamespace): string {
  if (owner !== null && owner.runtime !== 'process') return owner.name
  return sighting?.names[0] ?? key
}
