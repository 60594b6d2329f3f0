/** What discovery reports: every namespace that leaves a trace on the host, and all its traces. */
import type { Holder } from '../graph.ts'

/** A namespace that was found, and everything that was found to hold it. */
export interface Sighting {
  /** nsfs inode, decimal. */
  readonly inode: string
  /** Processes whose main thread lives in it, ascending. */
  readonly pids: readonly number[]
  /** Entries of /run/netns (of our own mount namespace) that are mounts of it or links to it. */
  readonly names: readonly string[]
  /** nsfs mounts, as paths that can be opened from here. */
  readonly mounts: readonly string[]
  /** Other holders: threads, descriptors, sockets, taps, mounts. Bounded: at most 64 a namespace are kept. */
  readonly holders: readonly Holder[]
  /**
   * Opens it. The descriptor belongs to the caller. It goes through whichever trace still works; undefined when all of them
   * are gone meanwhile or may not be opened.
   */
  open(): number | undefined
}

/** An entry of /run/netns that leads to no namespace: candidates for `ns repair`. */
export interface BrokenName {
  readonly name: string
  readonly path: string
  readonly problem: 'dangling-link' | 'plain-file' | 'not-a-network-namespace'
  /** Of a symbolic link: where it points. */
  readonly target?: string
}

/** The outcome of one walk over the host. */
export interface Discovery {
  /** Inode of our own namespace. */
  readonly own: string
  /** Inode of the namespace of process 1, the host's, when it can be read. */
  readonly init: string | undefined
  readonly sightings: readonly Sighting[]
  readonly brokenNames: readonly BrokenName[]
  /** What could not be looked at, one sentence each (other users' processes, mount namespaces). */
  readonly warnings: readonly string[]
}
