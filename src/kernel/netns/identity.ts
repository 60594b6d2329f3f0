/** What makes a network namespace the same one: device and inode of its nsfs file, and ids the kernel never uses again. */
import { AT_EMPTY_PATH, CLONE_NEWNET, SOL_SOCKET, STATX_INO } from '../constants.ts'
import { check } from '../errors.ts'
import * as libc from '../libc.ts'
import { readU32, readU64, writeU32 } from '../netlink/byte-order.ts'

/**
 * A namespace's identity. Inode numbers are used again after a namespace has died; `id` (NS_GET_ID, Linux 6.18) never is.
 */
export interface NamespaceIdentity {
  /** Device number of the nsfs file system, `major:minor`. */
  readonly device: string
  /** Inode number as a decimal string, as `readlink /proc/PID/ns/net` shows it. */
  readonly inode: string
  /** The kernel's 64-bit id of the namespace, where it gives one. */
  readonly id: bigint | undefined
}

/** _IOR(0xb7, 13, __u64), linux/nsfs.h */
const NS_GET_ID = 0x8008b70d
/** _IO(0xb7, 3), linux/nsfs.h */
const NS_GET_NSTYPE = 0xb703

const status = Buffer.alloc(256)
const id = Buffer.alloc(8)
let idsKnown = true

/**
 * Identity of the namespace behind an open descriptor.
 * @throws KernelError EBADF
 */
export function identityOf(fd: number): NamespaceIdentity {
  check(libc.statx(fd, '', AT_EMPTY_PATH, STATX_INO, status), 'stat namespace', `descriptor ${fd}`)
  return {
    device: `${readU32(status, 136)}:${readU32(status, 140)}`,
    inode: readU64(status, 32).toString(),
    id: namespaceId(fd),
  }
}

/** Inode behind an open descriptor; of a namespace, the number that /proc shows. @throws KernelError EBADF */
export function inodeOf(fd: number): number {
  check(libc.statx(fd, '', AT_EMPTY_PATH, STATX_INO, status), 'stat namespace', `descriptor ${fd}`)
  return Number(readU64(status, 32))
}

function namespaceId(fd: number): bigint | undefined {
  if (!idsKnown) return undefined
  if (libc.ioctl(fd, NS_GET_ID, id) === 0) return readU64(id, 0)
  // Kernels before 6.18 answer ENOTTY, as all do for what is no namespace; they will not learn it while we run.
  idsKnown = !isNetworkNamespace(fd)
  return undefined
}

/** True when the descriptor is of a network namespace, and not of another file or another type of namespace. */
export function isNetworkNamespace(fd: number): boolean {
  return libc.ioctl(fd, NS_GET_NSTYPE, null) === CLONE_NEWNET
}

const SO_NETNS_COOKIE = 71
const cookie = Buffer.alloc(8)
const cookieLength = Buffer.alloc(4)

/** Network cookie (SO_NETNS_COOKIE) of the namespace that a socket lives in; Linux 5.14 and newer. */
export function cookieOfSocket(socket: number): bigint | undefined {
  writeU32(cookieLength, cookie.length, 0)
  if (libc.getsockopt(socket, SOL_SOCKET, SO_NETNS_COOKIE, cookie, cookieLength) < 0) return undefined
  return readU64(cookie, 0)
}
