/** What the descriptors of a process refer to, as far as network namespaces hang on them. */
import { ENOENT, O_CLOEXEC, O_DIRECTORY, O_RDONLY } from '../constants.ts'
import * as libc from '../libc.ts'
import { readU16 } from '../netlink/byte-order.ts'
import { isNetworkNamespace } from '../netns/identity.ts'
import { inodeOnNsfs } from '../netns/nsfs.ts'
import { ascii, bracketedNumber, endsWith, startsWith } from './link-text.ts'

/** Told of each descriptor that may hold a network namespace. */
export interface DescriptorVisitor {
  /** An open file of a network namespace. */
  namespace(fd: number, inode: number): void
  /** A socket, with its inode in sockfs: the same for every process that holds it. */
  socket(fd: number, inode: number): void
  /** Probably the tun device; whoever borrows it must ask it. */
  tun(fd: number): void
}

/** How a walk ended: the process is gone, or the kernel did not let us look (or we have no descriptor left to look with). */
export type WalkOutcome = 'done' | 'gone' | 'denied'

const ESRCH = 3
const SLASH = 0x2f
const ZERO = 0x30
const NINE = 0x39
/** struct linux_dirent64: d_reclen at 16, d_name at 19 (getdents(2)). */
const RECORD_LENGTH = 16
const RECORD_NAME = 19

const NAMESPACE = ascii('net:[')
const SOCKET = ascii('socket:[')
// A container's /dev is a mount of its own, so the path may begin anywhere: `/dev/net/tun`, `/net/tun`.
const TUN = ascii('/tun')

const entries = Buffer.alloc(32 * 1024)
// Longer link texts are of no interest and are cut short.
const text = Buffer.alloc(256)
/** Small descriptors as C wants them, made once. */
const names = Array.from({ length: 1024 }, (_, fd) => String(fd))

/**
 * Visits the descriptors of a process, or of a thread: /proc has threads by their number too, only does not list them
 * (proc(5)). Those that are closed meanwhile are passed over.
 */
export function walkDescriptors(id: number, visitor: DescriptorVisitor): WalkOutcome {
  const opened = libc.open(`/proc/${id}/fd`, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
  if (opened < 0) return failure()
  try {
    for (;;) {
      const length = libc.getdents64(opened, entries, entries.length)
      if (length === 0) return 'done'
      if (length < 0) return failure()
      visitEntries(opened, length, visitor)
    }
  } finally {
    libc.close(opened)
  }
}

function visitEntries(directory: number, length: number, visitor: DescriptorVisitor): void {
  for (let at = 0; at < length; at += readU16(entries, at + RECORD_LENGTH)) {
    const fd = descriptorNumber(at + RECORD_NAME)
    if (fd >= 0) visit(directory, fd, visitor)
  }
}

/** The number that an entry's name is; −1 for `.` and `..`. */
function descriptorNumber(start: number): number {
  let fd = -1
  for (let at = start; ; at++) {
    const byte = entries[at]!
    if (byte < ZERO || byte > NINE) return fd
    fd = Math.max(fd, 0) * 10 + byte - ZERO
  }
}

function visit(directory: number, fd: number, visitor: DescriptorVisitor): void {
  const length = libc.readlinkat(directory, names[fd] ?? String(fd), text, text.length)
  if (length <= 0) return
  switch (text[0]) {
    case SOCKET[0]:
      if (startsWith(text, length, SOCKET)) visitor.socket(fd, bracketedNumber(text, length))
      return
    case NAMESPACE[0]:
      if (startsWith(text, length, NAMESPACE)) visitor.namespace(fd, bracketedNumber(text, length))
      return
    case SLASH:
      if (length === 1) visitDetached(directory, fd, visitor)
      else if (endsWith(text, length, TUN)) visitor.tun(fd)
  }
}

/**
 * Who opened a namespace by its mount (`exec 9</run/netns/blue`) has the path of that mount; when it is unmounted, which
 * `ip netns delete` does, nothing is left of the path but a slash (prepend_path, fs/d_path.c).
 */
function visitDetached(directory: number, fd: number, visitor: DescriptorVisitor): void {
  const name = names[fd] ?? String(fd)
  const inode = inodeOnNsfs(directory, name)
  if (inode === undefined) return
  // Of which type it is, only an open one tells; opening a namespace has no effect on anybody.
  const opened = libc.open(`/proc/self/fd/${directory}/${name}`, O_RDONLY | O_CLOEXEC, 0)
  if (opened < 0) return
  if (isNetworkNamespace(opened)) visitor.namespace(fd, inode)
  libc.close(opened)
}

function failure(): WalkOutcome {
  const reason = libc.errno()
  return reason === ENOENT || reason === ESRCH ? 'gone' : 'denied'
}
