/** Which process listens behind a unix socket (SO_PEERCRED, unix(7)). */
import { AF_UNIX, SOCK_CLOEXEC, SOCK_NONBLOCK, SOL_SOCKET } from './constants.ts'
import { KernelError } from './errors.ts'
import * as libc from './libc.ts'
import { readU32, writeU16, writeU32 } from './netlink/byte-order.ts'

const SOCK_STREAM = 1
const SO_PEERCRED = 17
/** Bytes of sockaddr_un's path, its NUL included. */
const PATH_SIZE = 108
const ENAMETOOLONG = 36

/**
 * The process that called listen(2) on the socket at `path`; undefined when it lives in a process namespace that we cannot
 * see into. A connection is made and closed at once. A listener with a full queue is refused instead of waited for.
 * @throws KernelError ENOENT, ECONNREFUSED when nobody listens, EACCES, EAGAIN when its queue is full, ENAMETOOLONG
 */
export function listenerOfUnixSocket(path: string): number | undefined {
  const name = Buffer.from(path)
  if (name.length >= PATH_SIZE) throw new KernelError({ operation: 'connect', errno: ENAMETOOLONG, subject: path })
  const address = Buffer.alloc(2 + PATH_SIZE)
  writeU16(address, AF_UNIX, 0)
  name.copy(address, 2)
  const fd = libc.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
  if (fd < 0) throw new KernelError({ operation: 'create unix socket', errno: libc.errno() })
  try {
    if (libc.connect(fd, address, address.length) < 0) {
      throw new KernelError({ operation: 'connect', errno: libc.errno(), subject: path })
    }
    return peerOf(fd)
  } finally {
    libc.close(fd)
  }
}

/** struct ucred: pid, uid, gid, 32 bits each; pid 0 stands for a process that our process namespace does not show. */
function peerOf(fd: number): number | undefined {
  const credentials = Buffer.alloc(12)
  const length = Buffer.alloc(4)
  writeU32(length, credentials.length, 0)
  if (libc.getsockopt(fd, SOL_SOCKET, SO_PEERCRED, credentials, length) < 0) return undefined
  const pid = readU32(credentials, 0)
  return pid === 0 ? undefined : pid
}
