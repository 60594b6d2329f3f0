/**
 * Ports of a namespace held by a real socket, so that no other program gets them while packets to them are led elsewhere.
 * Nothing that reaches the socket is taken: a filter drops it before it would be queued or answered.
 */
import { check } from './errors.ts'
import * as libc from './libc.ts'
import { parseIp } from './netlink/address-value.ts'
import { writeS32, writeU16 } from './netlink/byte-order.ts'
import { enter, type NamespaceHandle } from './netns/enter.ts'
import { attachFilter, returnConstant } from './packet/filter.ts'

/** Protocols whose ports can be held. */
export type HeldProtocol = 'tcp' | 'udp' | 'sctp'

/** What to hold. */
export interface PortToHold {
  readonly protocol: HeldProtocol
  /** An address of the host; `0.0.0.0` all of IPv4, `::` all of IPv6 (and IPv6 only). */
  readonly address: string
  readonly port: number
}

/** A port that is held until it is released, or until the process ends. */
export interface HeldPort extends PortToHold {
  release(): void
}

const AF_INET = 2
const AF_INET6 = 10
const SOCK_CLOEXEC = 0o2000000
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const SOCKET_TYPE = { tcp: 1, udp: 2, sctp: 1 } as const
const PROTOCOL = { tcp: 6, udp: 17, sctp: 132 } as const

/**
 * Holds a port in `namespace`. TCP and SCTP sockets listen: a port that is bound only can be bound a second time by programs
 * that set SO_REUSEADDR, which servers do, and is not shown by `ss -l` to people who look for its holder. They set the option
 * themselves, so that connections of an earlier server in TIME-WAIT are no obstacle.
 * @throws KernelError EADDRINUSE, EADDRNOTAVAIL when the host has no such address, EACCES; EPROTONOSUPPORT or ESOCKTNOSUPPORT
 *   when the kernel lacks SCTP
 */
export function holdPort(namespace: NamespaceHandle, wanted: PortToHold): HeldPort {
  const fd = enter(namespace, () => openBound(wanted))
  let held = true
  return {
    ...wanted,
    release() {
      if (held) libc.close(fd)
      held = false
    },
  }
}

function openBound({ protocol, address, port }: PortToHold): number {
  const subject = `${protocol} port ${port} on ${address}`
  const bytes = parseIp(address)
  const domain = bytes.length === 4 ? AF_INET : AF_INET6
  const fd = check(libc.socket(domain, SOCKET_TYPE[protocol] | SOCK_CLOEXEC, PROTOCOL[protocol]), 'hold', subject)
  try {
    if (domain === AF_INET6) switchOn(fd, IPPROTO_IPV6, IPV6_V6ONLY, subject)
    // On a UDP socket the option would let others share the port.
    if (protocol !== 'udp') switchOn(fd, SOL_SOCKET, SO_REUSEADDR, subject)
    attachFilter(fd, returnConstant(0))
    const name = socketAddress(bytes, port)
    check(libc.bindSocket(fd, name, name.length), 'hold', subject)
    if (protocol !== 'udp') check(libc.listen(fd, 0), 'hold', subject)
    return fd
  } catch (error) {
    libc.close(fd)
    throw error
  }
}

function switchOn(fd: number, level: number, option: number, subject: string): void {
  const one = Buffer.alloc(4)
  writeS32(one, 1, 0)
  check(libc.setsockopt(fd, level, option, one, one.length), 'hold', subject)
}

/** struct sockaddr_in (ip(7)) or sockaddr_in6 (ipv6(7)). */
function socketAddress(address: Buffer, port: number): Buffer {
  const v4 = address.length === 4
  const bytes = Buffer.alloc(v4 ? 16 : 28)
  writeU16(bytes, v4 ? AF_INET : AF_INET6, 0)
  bytes.writeUInt16BE(port, 2)
  bytes.set(address, v4 ? 4 : 8)
  return bytes
}
