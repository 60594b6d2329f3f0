/** Where the walks over the host write down what they find, one record a namespace. */
import { commandOf, type NamespaceTrace, openTrace } from '../../kernel/index.ts'
import type { Holder } from '../graph.ts'
import type { Sighting } from './sighting.ts'

/** Holders kept of one namespace; a program may hold it with a hundred thousand sockets. */
const MOST_HOLDERS = 64

/** A namespace and its traces. */
export class FoundNamespace implements Sighting {
  readonly inode: string
  readonly pids: number[] = []
  readonly names: string[] = []
  readonly mounts: string[] = []
  readonly holders: Holder[] = []
  /** The kernel's id, when its own list is what named it. */
  id: bigint | undefined
  readonly #number: number

  constructor(inode: number) {
    this.inode = String(inode)
    this.#number = inode
  }

  /** Writes down a holder, if there is still room. */
  hold(holder: Holder): boolean {
    if (this.holders.length >= MOST_HOLDERS) return false
    this.holders.push(holder)
    return true
  }

  open(): number | undefined {
    for (const trace of this.#traces()) {
      const fd = openTrace(trace, this.#number)
      if (fd !== undefined) return fd
    }
    return undefined
  }

  /** The most lasting traces first: our own mounts are the first holders that are written down. */
  *#traces(): Generator<NamespaceTrace> {
    for (const holder of this.holders) yield* traceOf(holder)
    for (const pid of this.pids) yield { kind: 'process', pid }
    if (this.id !== undefined) yield { kind: 'id', id: this.id }
  }
}

/** How a holder is followed to the namespace; nothing for those that cannot be. */
function traceOf({ kind, pid, tid, fd, path }: Holder): NamespaceTrace[] {
  switch (kind) {
    case 'mount':
      return path === undefined ? [] : [pid === undefined ? { kind, path } : { kind, path, pid }]
    case 'thread':
      return pid === undefined || tid === undefined ? [] : [{ kind, pid, tid }]
    case 'descriptor':
    case 'socket':
    case 'tap':
      if (pid === undefined || fd === undefined) return []
      return [tid === undefined ? { kind, pid, fd } : { kind, pid, tid, fd }]
    case 'neighbour':
      return []
  }
}

/** All namespaces found so far, by inode. */
export class FoundNamespaces {
  readonly #byInode = new Map<number, FoundNamespace>()
  readonly #commands = new Map<number, string>()

  /** The record of a namespace, begun when it is new. */
  at(inode: number): FoundNamespace {
    let found = this.#byInode.get(inode)
    if (found === undefined) {
      found = new FoundNamespace(inode)
      this.#byInode.set(inode, found)
    }
    return found
  }

  /** A process's name, read once. */
  commandOf(pid: number): string {
    let command = this.#commands.get(pid)
    if (command === undefined) {
      command = commandOf(pid)
      this.#commands.set(pid, command)
    }
    return command
  }

  all(): FoundNamespace[] {
    return [...this.#byInode.values()]
  }
}
