/**
 * A path as a process sees it, held open without opening the file: to connect to a daemon's socket and to tell which
 * namespace it mounted where, also when the daemon has mounts of its own.
 */
import { AT_EMPTY_PATH, AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_PATH, STATX_INO, STATX_TYPE } from './constants.ts'
import { KernelError } from './errors.ts'
import * as libc from './libc.ts'
import { readU16, readU32, readU64, writeU64 } from './netlink/byte-order.ts'

const STATX_UID = 0x8
const S_IFMT = 0o170000
const S_IFSOCK = 0o140000
/** The same number on every architecture (asm-generic/unistd.h). */
const SYS_OPENAT2 = 437
/** Absolute links stay below the process's root: /var/run is such a link, and would lead to our own /run (linux/openat2.h). */
const RESOLVE_IN_ROOT = 0x10
const RESOLVE_NO_MAGICLINKS = 0x02

/** A held path. Close it. */
export interface ProcessPath {
  /** Device and inode of what is there, `8:1/1234`: equal for two paths that lead to the same file. */
  readonly identity: string
  /** Inode alone, decimal: of a namespace's mount, the namespace's. */
  readonly inode: string
  readonly isSocket: boolean
  /**
   * A short path to the very same file, while this is open. A socket's path in sockaddr_un holds 107 bytes only (unix(7)),
   * which `/proc/PID/root/…` can exceed.
   */
  readonly path: string
  close(): void
}

/**
 * Holds `path` as process `pid` sees it; `'self'` for our own view.
 * @throws KernelError ENOENT without such a process or file, EACCES
 * @throws TypeError when the path holds a NUL
 */
export function holdPathOfProcess(pid: number | 'self', path: string): ProcessPath {
  const subject = pid === 'self' ? path : `${path} of process ${pid}`
  if (path.includes('\0')) throw new TypeError(`the path ${JSON.stringify(path)} holds a NUL character`)
  const fd = pid === 'self' ? libc.open(path, O_PATH | O_CLOEXEC, 0) : openBelowRootOf(pid, path, subject)
  if (fd < 0) throw refused(subject)
  return describe(fd, subject)
}

function openBelowRootOf(pid: number, path: string, subject: string): number {
  const root = libc.open(`/proc/${pid}/root`, O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
  if (root < 0) throw refused(subject)
  const how = Buffer.alloc(24)
  writeU64(how, BigInt(O_PATH | O_CLOEXEC), 0)
  writeU64(how, BigInt(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), 16)
  const fd = libc.openat2(SYS_OPENAT2, root, path, how, how.length)
  // Made before the descriptor is closed: closing overwrites errno.
  const failure = fd < 0 ? refused(subject) : undefined
  libc.close(root)
  if (failure !== undefined) throw failure
  return fd
}

function describe(fd: number, subject: string): ProcessPath {
  const status = Buffer.alloc(256)
  if (libc.statx(fd, '', AT_EMPTY_PATH, STATX_TYPE | STATX_INO, status) < 0) {
    const error = refused(subject)
    libc.close(fd)
    throw error
  }
  const inode = readU64(status, 32).toString()
  return {
    identity: `${readU32(status, 136)}:${readU32(status, 140)}/${inode}`,
    inode,
    isSocket: (readU16(status, 28) & S_IFMT) === S_IFSOCK,
    path: `/proc/self/fd/${fd}`,
    close: () => libc.close(fd),
  }
}

/** Inode of the network namespace that process `pid` lives in, decimal; undefined when it is gone or may not be looked at. */
export function networkNamespaceOfProcess(pid: number): string | undefined {
  const status = Buffer.alloc(256)
  if (libc.statx(AT_FDCWD, `/proc/${pid}/ns/net`, 0, STATX_INO, status) < 0) return undefined
  return readU64(status, 32).toString()
}

/** Numeric user that process `pid` runs as; undefined when it is gone. */
export function userOfProcess(pid: number): number | undefined {
  const status = Buffer.alloc(256)
  if (libc.statx(AT_FDCWD, `/proc/${pid}`, 0, STATX_UID, status) < 0) return undefined
  return readU32(status, 20)
}

function refused(subject: string): KernelError {
  return new KernelError({ operation: 'look up path', errno: libc.errno(), subject })
}
