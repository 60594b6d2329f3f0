/**
 * What a service tells its service manager: datagrams to the unix socket that the manager names in the environment
 * (sd_notify(3)). Node has no unix datagram sockets.
 */
import { AF_UNIX, EINVAL, SOCK_CLOEXEC, SOCK_NONBLOCK } from './constants.ts'
import { KernelError } from './errors.ts'
import * as libc from './libc.ts'
import { writeU16 } from './netlink/byte-order.ts'

const SOCK_DGRAM = 2
/** A manager that went away is no reason to die of SIGPIPE. */
const MSG_NOSIGNAL = 0x4000
/** Bytes of sockaddr_un's path (unix(7)). */
const PATH_SIZE = 108

/** Variables of a service: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`. */
export type ServiceEnvironment = Readonly<Record<string, string | undefined>>

/**
 * Sends assignments (`{ READY: '1', STATUS: 'serving' }`) to the service manager.
 * @returns false when there is none: the process was not started as a service that notifies
 * @throws KernelError ENOENT, ECONNREFUSED when the manager's socket is gone, EAGAIN when it does not read, EINVAL when
 *   the variable names no socket
 */
export function notifyServiceManager(
  environment: ServiceEnvironment,
  assignments: Readonly<Record<string, string>>,
): boolean {
  const name = environment['NOTIFY_SOCKET']
  if (name === undefined || name === '') return false
  const address = unixAddress(name)
  const message = Buffer.from(
    Object.entries(assignments)
      .map(([key, value]) => `${key}=${value.replaceAll('\n', ' ')}\n`)
      .join(''),
  )
  const fd = libc.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
  if (fd < 0) throw new KernelError({ operation: 'create unix socket', errno: libc.errno() })
  try {
    if (libc.sendto(fd, message, message.length, MSG_NOSIGNAL, address, address.length) < 0) {
      throw new KernelError({ operation: 'notify service manager', errno: libc.errno(), subject: name })
    }
  } finally {
    libc.close(fd)
  }
  return true
}

/**
 * Milliseconds within which the service manager wants to hear `WATCHDOG=1` again and again; undefined when it does not, or
 * wants it from another process.
 */
export function watchdogMilliseconds(environment: ServiceEnvironment, pid: number): number | undefined {
  const microseconds = Number(environment['WATCHDOG_USEC'])
  const meant = environment['WATCHDOG_PID']
  if (!Number.isSafeInteger(microseconds) || microseconds <= 0) return undefined
  return meant === undefined || Number(meant) === pid ? microseconds / 1000 : undefined
}

/** A path, or a name in the abstract name space when it begins with `@`, which stands for the NUL that really does. */
function unixAddress(name: string): Buffer {
  const path = Buffer.from(name)
  if (path.length >= PATH_SIZE || !/^[@/]/.test(name) || path.includes(0)) {
    throw new KernelError({ operation: 'notify service manager', errno: EINVAL, subject: name })
  }
  if (name.startsWith('@')) path[0] = 0
  const address = Buffer.alloc(2 + path.length)
  writeU16(address, AF_UNIX, 0)
  path.copy(address, 2)
  return address
}
