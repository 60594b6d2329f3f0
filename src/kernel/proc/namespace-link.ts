/** Which namespaces a process or thread lives in: the links of /proc/PID/ns (namespaces(7)), read by the thousand. */
import { EACCES, EPERM } from '../constants.ts'
import * as libc from '../libc.ts'
import { ascii, bracketedNumber, startsWith } from './link-text.ts'

/** Instead of an inode: the process or thread has ended. */
export const GONE = 0
/** Instead of an inode: it may not be looked at (ptrace(2), access mode PTRACE_MODE_READ_FSCREDS). */
export const DENIED = -1

// readlink(2) of an nsfs link allocates nothing this way; fs.readlinkSync costs a third more, and statx(2), which has the
// kernel open the namespace's file, twice as much.
const text = Buffer.alloc(64)

const PREFIX = { net: ascii('net:['), mnt: ascii('mnt:[') }

/**
 * Inode of the namespace that a link of /proc leads to, as `/proc/12/ns/net`, `/proc/12/task/14/ns/mnt` or `/proc/12/fd/3`.
 * @returns the inode, GONE (also when it leads to something else) or DENIED
 */
export function namespaceOfLink(path: string, type: 'net' | 'mnt' = 'net'): number {
  const length = libc.readlink(path, text, text.length)
  if (length >= 0) return startsWith(text, length, PREFIX[type]) ? bracketedNumber(text, length) : GONE
  const reason = libc.errno()
  return reason === EACCES || reason === EPERM ? DENIED : GONE
}

/** Whose namespace to look at: a process (its main thread), one of its threads, or the calling thread. */
export type TaskReference = number | 'self' | { readonly pid: number; readonly tid: number }

/**
 * Inode of the network or mount namespace that a process or thread lives in.
 * @returns the inode, GONE or DENIED
 */
export function namespaceOfTask(task: TaskReference, type: 'net' | 'mnt' = 'net'): number {
  return namespaceOfLink(`${taskDirectory(task)}/ns/${type}`, type)
}

function taskDirectory(task: TaskReference): string {
  if (typeof task === 'number') return `/proc/${task}`
  return task === 'self' ? '/proc/thread-self' : `/proc/${task.pid}/task/${task.tid}`
}

/** A path in the mount namespace of a process, as it is reached from here. */
export function pathThroughProcess(pid: number, path: string): string {
  return `/proc/${pid}/root${path}`
}

/** True when the root directory of a process is that of its mount namespace: it is in no chroot(2). */
export function seesWholeMountTable(pid: number): boolean {
  const SLASH = 0x2f
  return libc.readlink(`/proc/${pid}/root`, text, text.length) === 1 && text[0] === SLASH
}
