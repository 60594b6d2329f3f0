/**
 * A file as a process sees it, read from outside. The process may be hostile: a symbolic link in its file system must lead
 * within that file system, a named pipe must not stop us, and a file without end must not fill our memory.
 */
import {
  AT_EMPTY_PATH,
  EINTR,
  EINVAL,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOCTTY,
  O_NONBLOCK,
  O_PATH,
  O_RDONLY,
  STATX_TYPE,
} from './constants.ts'
import { KernelError } from './errors.ts'
import * as libc from './libc.ts'
import { readU16, writeU64 } from './netlink/byte-order.ts'

/** The same number on every architecture (asm-generic/unistd.h). */
const SYS_OPENAT2 = 437
/** Absolute links and `..` stay below the directory (linux/openat2.h); Linux 5.6. */
const RESOLVE_IN_ROOT = 0x10
const RESOLVE_NO_MAGICLINKS = 0x02
const S_IFMT = 0o170000
const S_IFREG = 0o100000
const EFBIG = 27

/** No configuration file that anyone reads here comes near this size, in bytes. */
const DEFAULT_LIMIT = 256 * 1024

/**
 * Reads a regular file with the eyes of process `pid`: its root directory, its mounts.
 * @param path absolute, as the process would write it
 * @param limit bytes; a longer file is refused
 * @throws KernelError ENOENT without such a process or file, EACCES, EINVAL when it is no regular file, EFBIG
 */
export function readFileOfProcess(pid: number, path: string, limit = DEFAULT_LIMIT): Buffer {
  const subject = `${path} of process ${pid}`
  const root = libc.open(`/proc/${pid}/root`, O_PATH | O_DIRECTORY | O_CLOEXEC, 0)
  if (root < 0) throw refused(subject)
  try {
    const fd = openBelow(root, path, subject)
    try {
      return readBounded(fd, limit, subject)
    } finally {
      libc.close(fd)
    }
  } finally {
    libc.close(root)
  }
}

function openBelow(root: number, path: string, subject: string): number {
  if (path.includes('\0')) throw new TypeError(`the path ${JSON.stringify(path)} holds a NUL character`)
  const how = Buffer.alloc(24)
  // O_NONBLOCK: opening a named pipe returns at once instead of waiting for its writer.
  writeU64(how, BigInt(O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), 0)
  writeU64(how, BigInt(RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS), 16)
  const fd = libc.openat2(SYS_OPENAT2, root, path, how, how.length)
  if (fd < 0) throw refused(subject)
  return fd
}

function readBounded(fd: number, limit: number, subject: string): Buffer {
  if (!isRegular(fd)) throw new KernelError({ operation: 'read file', errno: EINVAL, subject })
  const bytes = Buffer.alloc(limit + 1)
  let length = 0
  while (length < bytes.length) {
    const rest = bytes.subarray(length)
    const count = libc.read(fd, rest, rest.length)
    if (count === 0) return Buffer.from(bytes.subarray(0, length))
    if (count > 0) length += count
    else if (libc.errno() !== EINTR) throw refused(subject)
  }
  throw new KernelError({ operation: 'read file', errno: EFBIG, subject })
}

function isRegular(fd: number): boolean {
  const status = Buffer.alloc(256)
  if (libc.statx(fd, '', AT_EMPTY_PATH, STATX_TYPE, status) < 0) return false
  // stx_mode is 16 bits at offset 28 (linux/stat.h).
  return (readU16(status, 28) & S_IFMT) === S_IFREG
}

function refused(subject: string): KernelError {
  return new KernelError({ operation: 'read file', errno: libc.errno(), subject })
}
