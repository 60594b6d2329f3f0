/** The namespace that a socket or a tun device belongs to, asked of a descriptor of it. */
import * as libc from '../libc.ts'
import { cookieOfSocket, inodeOf } from './identity.ts'

/** linux/sockios.h; needs CAP_NET_ADMIN over the namespace (socket_ioctl in net/socket.c, tun_chr_ioctl). */
const SIOCGSKNS = 0x894c
/** _IO('T', 227), linux/if_tun.h */
const TUNGETDEVNETNS = 0x54e3

/**
 * Opens the namespace that a socket lives in; of a tun descriptor, the one in which it was opened and which it keeps alive.
 * The caller closes it. Undefined when that is not permitted or the descriptor is neither.
 */
export function openNamespaceOfSocket(fd: number): number | undefined {
  return descriptor(libc.ioctl(fd, SIOCGSKNS, null))
}

/** Opens the namespace that the interface of a tun descriptor is in now: it can be moved, unlike a socket. */
export function openNamespaceOfTun(fd: number): number | undefined {
  return descriptor(libc.ioctl(fd, TUNGETDEVNETNS, null))
}

function descriptor(result: number): number | undefined {
  return result < 0 ? undefined : result
}

/**
 * Inodes of the namespaces of many sockets. Asking a socket for its namespace's cookie is ten times cheaper than having the
 * kernel open that namespace, so the latter happens once for each namespace.
 */
export class SocketNamespaces {
  readonly #inodes = new Map<bigint, number | undefined>()

  /** Inode of the namespace that a socket lives in; undefined when it may not be asked. */
  inodeOf(socket: number): number | undefined {
    const cookie = cookieOfSocket(socket)
    if (cookie === undefined) return inodeOfSocket(socket)
    if (!this.#inodes.has(cookie)) this.#inodes.set(cookie, inodeOfSocket(socket))
    return this.#inodes.get(cookie)
  }
}

/** Inodes of the namespaces of a tun descriptor: where it was opened, and where its interface is now. None when it is none. */
export function inodesOfTun(tun: number): number[] {
  const inodes = [openNamespaceOfSocket(tun), openNamespaceOfTun(tun)].map(inodeOfOpened)
  return [...new Set(inodes)].filter((inode) => inode !== undefined)
}

function inodeOfSocket(socket: number): number | undefined {
  return inodeOfOpened(openNamespaceOfSocket(socket))
}

function inodeOfOpened(fd: number | undefined): number | undefined {
  if (fd === undefined) return undefined
  try {
    return inodeOf(fd)
  } finally {
    libc.close(fd)
  }
}
