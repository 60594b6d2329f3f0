/** What a watch reports: one change of one object in one namespace. */
import type { Owner } from '../graph.ts'

/** Kinds of object that are watched. */
export type WatchedObject = 'namespace' | 'link' | 'address' | 'route' | 'rule' | 'neighbour' | 'forwarding' | 'watch'

/** What happened to it. `resynchronised` is about the watch itself: announcements were lost, and a fresh dump made up for it. */
export type WatchedAction = 'added' | 'changed' | 'removed' | 'resynchronised'

/** The namespace that a change happened in, as it is known at that moment. */
export interface ChangedNamespace {
  readonly inode: string
  readonly names: readonly string[]
  readonly owner: Owner | null
}

/** One change (schemas/event.v1.json). */
export interface Change {
  readonly schema: 'netwright/event/v1'
  /** ISO 8601, UTC: when it was read. */
  readonly time: string
  readonly namespace: ChangedNamespace | null
  readonly object: WatchedObject
  readonly action: WatchedAction
  /** The object, as people call it: `eth0`, `10.0.0.2/24 on eth0`, `default via 10.0.0.1`. */
  readonly subject: string
  /** Name of the interface it belongs to, if any. */
  readonly interface: string | null
  /** True for what follows from the coming or going of its namespace, rather than being announced by itself. */
  readonly implied: boolean
  readonly before: Readonly<Record<string, unknown>> | null
  readonly after: Readonly<Record<string, unknown>> | null
}
