/** Keeping a port of a namespace to oneself while packets are sent from it by other means. */
import { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_STREAM } from '../constants.ts'
import { check } from '../errors.ts'
import * as libc from '../libc.ts'
import { writeU32 } from '../netlink/byte-order.ts'
import { enter, type NamespaceHandle } from '../netns/enter.ts'
import { SOCKET_ADDRESS_BYTES, socketAddress } from './socket-address.ts'

/** A port that nobody else gets until it is released. */
export interface ReservedPort {
  readonly port: number
  release(): void
}

/**
 * Reserves a port: its socket is bound, and does nothing. A connection's answer that comes to a TCP port so held is met by the
 * kernel's own RST (tcp_v4_rcv finds no socket for it), so that nothing is left half open at the other end.
 * @param port 0 for any free one
 * @throws KernelError EADDRINUSE, EACCES
 */
export function reservePort(
  namespace: NamespaceHandle,
  wanted: { readonly protocol: 'tcp' | 'udp'; readonly family: 'ipv4' | 'ipv6'; readonly port: number },
): ReservedPort {
  const domain = wanted.family === 'ipv4' ? AF_INET : AF_INET6
  const type = (wanted.protocol === 'tcp' ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC
  const fd = enter(namespace, () => check(libc.socket(domain, type, 0), 'reserve port'))
  try {
    const name = socketAddress(wanted.family === 'ipv4' ? '0.0.0.0' : '::', wanted.port)
    check(libc.bindSocket(fd, name, name.length), 'reserve', `${wanted.protocol} port ${wanted.port}`)
    const bound = Buffer.alloc(SOCKET_ADDRESS_BYTES)
    const length = Buffer.alloc(4)
    writeU32(length, bound.length, 0)
    check(libc.getsockname(fd, bound, length), 'read socket name')
    let held = true
    return {
      port: bound.readUInt16BE(2),
      release() {
        if (held) libc.close(fd)
        held = false
      },
    }
  } catch (error) {
    libc.close(fd)
    throw error
  }
}
