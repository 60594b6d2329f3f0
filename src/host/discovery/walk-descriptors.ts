/** Namespaces held by what processes have open: files of nsfs, sockets, tun devices. */
import {
  BorrowedDescriptors,
  type DescriptorVisitor,
  inodesOfTun,
  SocketNamespaces,
  walkDescriptors,
} from '../../kernel/index.ts'
import type { FoundNamespaces } from './found-namespaces.ts'
import type { VisibleProcess } from './walk-processes.ts'

/** What the walk could not look at. */
export interface DescriptorWalk {
  /** Processes whose list of descriptors may not be read. */
  readonly denied: number
  /** Processes whose list may be read, but whose sockets may not be asked. */
  readonly socketsDenied: number
}

/**
 * Writes down the namespaces that descriptors hold. What a process has of its own namespace, as almost all sockets, is no
 * news: the process is there itself. Our own process is left out: what we have open, we opened to look.
 */
export function walkAllDescriptors(processes: readonly VisibleProcess[], found: FoundNamespaces): DescriptorWalk {
  const sockets = new SocketsSeen()
  let denied = 0
  let socketsDenied = 0
  for (const visible of processes) {
    if (visible.pid === process.pid) continue
    const visitor = new HolderVisitor(visible, found, sockets)
    const outcome = walkDescriptors(visible.thread ?? visible.pid, visitor)
    visitor.close()
    if (outcome === 'denied') denied++
    else if (visitor.socketsDenied) socketsDenied++
  }
  return { denied, socketsDenied }
}

/** Sockets that were asked already: those that were inherited are in many processes. */
class SocketsSeen {
  readonly namespaces = new SocketNamespaces()
  readonly #inodes = new Map<number, number>()

  /** Inode of the namespace of the socket with this inode; unless it is known, `ask` is called. */
  namespaceOf(socket: number, ask: () => number | undefined): number | undefined {
    const namespace = this.#inodes.get(socket) ?? ask()
    if (namespace !== undefined) this.#inodes.set(socket, namespace)
    return namespace
  }
}

class HolderVisitor implements DescriptorVisitor {
  readonly #process: VisibleProcess
  readonly #found: FoundNamespaces
  readonly #sockets: SocketsSeen
  readonly #descriptors: BorrowedDescriptors

  constructor(process: VisibleProcess, found: FoundNamespaces, sockets: SocketsSeen) {
    this.#process = process
    this.#found = found
    this.#sockets = sockets
    this.#descriptors = new BorrowedDescriptors(process.pid, process.thread)
  }

  get socketsDenied(): boolean {
    return this.#descriptors.denied
  }

  namespace(fd: number, inode: number): void {
    this.#hold('descriptor', fd, inode)
  }

  socket(fd: number, inode: number): void {
    const namespace = this.#sockets.namespaceOf(inode, () =>
      this.#descriptors.ask(fd, (copy) => this.#sockets.namespaces.inodeOf(copy)),
    )
    if (namespace !== undefined) this.#hold('socket', fd, namespace)
  }

  tun(fd: number): void {
    for (const namespace of this.#descriptors.ask(fd, inodesOfTun) ?? []) this.#hold('tap', fd, namespace)
  }

  #hold(kind: 'descriptor' | 'socket' | 'tap', fd: number, inode: number): void {
    const { pid, thread, namespace } = this.#process
    if (inode === namespace) return
    const tid = thread === undefined ? {} : { tid: thread }
    this.#found.at(inode).hold({ kind, pid, ...tid, fd, command: this.#found.commandOf(pid) })
  }

  close(): void {
    this.#descriptors.close()
  }
}
