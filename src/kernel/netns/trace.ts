/**
 * Opening a namespace through something that keeps it alive. Between being seen and being opened, a process may end, a number
 * may be used again, and a hostile process may put something else in the place; so whatever is opened must prove to be the
 * namespace that was seen.
 */
import { AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_PATH, O_RDONLY } from '../constants.ts'
import * as libc from '../libc.ts'
import { writeU64 } from '../netlink/byte-order.ts'
import { BorrowedDescriptors } from '../proc/borrowed-descriptors.ts'
import { namespaceOfLink } from '../proc/namespace-link.ts'
import { inodeOf, isNetworkNamespace } from './identity.ts'
import { openNamespaceById } from './namespace-list.ts'
import { inodeOnNsfs } from './nsfs.ts'
import { openNamespaceOfSocket, openNamespaceOfTun } from './socket-namespace.ts'

/** What a namespace was found by. */
export type NamespaceTrace =
  | { readonly kind: 'process'; readonly pid: number }
  | { readonly kind: 'thread'; readonly pid: number; readonly tid: number }
  /** A mount: without `pid` in our own mount namespace, else as that process sees it. */
  | { readonly kind: 'mount'; readonly path: string; readonly pid?: number }
  | ({ readonly kind: 'descriptor' | 'socket' | 'tap' } & HeldDescriptor)
  /** The kernel's own list of namespaces. */
  | { readonly kind: 'id'; readonly id: bigint }

/** A descriptor of another process. */
interface HeldDescriptor {
  readonly pid: number
  /** A thread that has it, when the process's main thread has ended. */
  readonly tid?: number
  readonly fd: number
}

/** Should a pipe or a terminal have taken the place: do not wait for it, do not adopt it. */
const CAREFULLY = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
/** The same number on every architecture (asm-generic/unistd.h). */
const SYS_OPENAT2 = 437
/** linux/openat2.h */
const RESOLVE_NO_MAGICLINKS = 0x02
const RESOLVE_NO_SYMLINKS = 0x04
const RESOLVE_IN_ROOT = 0x10

/**
 * Opens the network namespace of this inode through a trace. The caller closes the descriptor.
 * @returns undefined when the trace is gone, leads elsewhere by now, or may not be followed
 */
export function openTrace(trace: NamespaceTrace, inode: number): number | undefined {
  const fd = follow(trace, inode)
  if (fd === undefined) return undefined
  if (isNetworkNamespace(fd) && inodeOf(fd) === inode) return fd
  libc.close(fd)
  return undefined
}

function follow(trace: NamespaceTrace, inode: number): number | undefined {
  switch (trace.kind) {
    case 'process':
      return openLink(`/proc/${trace.pid}/ns/net`, inode)
    case 'thread':
      return openLink(`/proc/${trace.pid}/task/${trace.tid}/ns/net`, inode)
    case 'descriptor':
      return openDescriptor(`/proc/${trace.tid ?? trace.pid}/fd/${trace.fd}`, inode)
    case 'mount':
      return trace.pid === undefined
        ? opened(libc.open(trace.path, CAREFULLY | O_NOFOLLOW, 0))
        : openMountOfProcess(trace.pid, trace.path)
    case 'socket':
      return askHolder(trace, openNamespaceOfSocket)
    case 'tap':
      return askHolder(trace, (fd) => openMatching(fd, inode))
    case 'id':
      return openNamespaceById(trace.id)
  }
}

/** Opens a magic link of /proc, but only when its text says that it is the namespace: opening a device has effects. */
function openLink(path: string, inode: number): number | undefined {
  return namespaceOfLink(path) === inode ? opened(libc.open(path, CAREFULLY, 0)) : undefined
}

/** A descriptor that was opened by the path of a mount has that path for its text, and none when it is unmounted. */
function openDescriptor(path: string, inode: number): number | undefined {
  return (
    openLink(path, inode) ?? (inodeOnNsfs(AT_FDCWD, path) === inode ? opened(libc.open(path, CAREFULLY, 0)) : undefined)
  )
}

/** The path was a mount's in the process's table; now it is whatever the process made of it, and must not lead outside. */
function openMountOfProcess(pid: number, path: string): number | undefined {
  const root = libc.open(`/proc/${pid}/root`, O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
  if (root < 0) return undefined
  const how = Buffer.alloc(24)
  writeU64(how, BigInt(CAREFULLY), 0)
  writeU64(how, BigInt(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS), 16)
  const fd = libc.openat2(SYS_OPENAT2, root, path, how, how.length)
  libc.close(root)
  return opened(fd)
}

function askHolder(holder: HeldDescriptor, question: (copy: number) => number | undefined): number | undefined {
  using process = new BorrowedDescriptors(holder.pid, holder.tid)
  return process.ask(holder.fd, question)
}

/** A tun descriptor knows two namespaces: the one it was opened in and the one of its interface. */
function openMatching(tun: number, inode: number): number | undefined {
  for (const ask of [openNamespaceOfSocket, openNamespaceOfTun]) {
    const fd = ask(tun)
    if (fd === undefined) continue
    if (inodeOf(fd) === inode) return fd
    libc.close(fd)
  }
  return undefined
}

function opened(result: number): number | undefined {
  return result < 0 ? undefined : result
}
