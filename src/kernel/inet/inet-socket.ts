/**
 * UDP and TCP sockets that live in a namespace for good, opened there in one synchronous step. They never block, so that
 * Node can take them over by descriptor (`new net.Socket({ fd })`, `server.listen({ fd })`).
 */
import { AF_INET, AF_INET6, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM, SOL_SOCKET } from '../constants.ts'
import { check, KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { writeU32 } from '../netlink/byte-order.ts'
import { setOption } from '../netlink/channel.ts'
import { enter, type NamespaceHandle } from '../netns/enter.ts'
import { interfaceIndex } from '../packet/packet-socket.ts'
import { SOCKET_ADDRESS_BYTES, socketAddress } from './socket-address.ts'

/** One end of a flow, to bind or to connect to. */
export interface InetEnd {
  readonly protocol: 'udp' | 'tcp'
  /** IPv4 or IPv6; a link-local one may name its interface: `fe80::1%eth0`. */
  readonly address: string
  readonly port: number
}

/** A socket that is bound. */
export interface BoundSocket {
  readonly fd: number
  /** The port that it has; the kernel's choice when 0 was asked for. */
  readonly port: number
}

const IPPROTO_IP = 0
const IP_FREEBIND = 15
const SO_REUSEADDR = 2
const SO_RCVBUF = 8
const SO_RCVBUFFORCE = 33
const EINPROGRESS = 115

/** How a server's socket is opened. */
export interface ServerSocketInit extends InetEnd {
  /** Connections that may wait to be accepted. */
  readonly backlog?: number
  /** Receive buffer in bytes, as far as the kernel allows. */
  readonly receiveBuffer?: number
}

/**
 * Opens a socket bound to an address; one of TCP listens. The address need not exist (yet): loopback may still be down.
 * @returns its descriptor, which the caller closes
 * @throws KernelError EADDRINUSE, EPERM when the namespace cannot be entered
 * @throws RangeError when `address` is not an IP address
 */
export function openServerSocket(namespace: NamespaceHandle, init: ServerSocketInit): BoundSocket {
  const fd = openSocket(namespace, init)
  try {
    setOption(fd, IPPROTO_IP, IP_FREEBIND, 1)
    if (init.protocol === 'tcp') setOption(fd, SOL_SOCKET, SO_REUSEADDR, 1)
    if (init.receiveBuffer !== undefined && !setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, init.receiveBuffer)) {
      setOption(fd, SOL_SOCKET, SO_RCVBUF, init.receiveBuffer)
    }
    const name = socketAddress(init.address, init.port)
    check(libc.bindSocket(fd, name, name.length), 'bind', endText(init))
    if (init.protocol === 'tcp') check(libc.listen(fd, init.backlog ?? 128), 'listen', endText(init))
    return { fd, port: portOf(fd) }
  } catch (error) {
    libc.close(fd)
    throw error
  }
}

/**
 * Opens a socket connected to an address, from a port of the kernel's choice. One of TCP is still connecting: whether that
 * succeeds is told when it is read or written.
 * @returns its descriptor, which the caller closes
 * @throws KernelError ENETUNREACH, ENODEV when the interface named in the address does not exist, EMFILE
 * @throws RangeError when `address` is not an IP address
 */
export function openClientSocket(namespace: NamespaceHandle, end: InetEnd): number {
  const [address = '', zone] = end.address.split('%')
  const fd = openSocket(namespace, { ...end, address })
  try {
    const scope = zone === undefined ? 0 : interfaceIndex(fd, zone)
    const name = socketAddress(address, end.port, scope)
    if (libc.connect(fd, name, name.length) < 0) {
      const errno = libc.errno()
      if (errno !== EINPROGRESS) throw new KernelError({ operation: 'connect', errno, subject: endText(end) })
    }
    return fd
  } catch (error) {
    libc.close(fd)
    throw error
  }
}

function openSocket(namespace: NamespaceHandle, end: InetEnd): number {
  const domain = end.address.includes(':') ? AF_INET6 : AF_INET
  const type = (end.protocol === 'udp' ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK
  return enter(namespace, () => check(libc.socket(domain, type, 0), 'open socket', endText(end)))
}

function portOf(fd: number): number {
  const name = Buffer.alloc(SOCKET_ADDRESS_BYTES)
  const length = Buffer.alloc(4)
  writeU32(length, name.length, 0)
  check(libc.getsockname(fd, name, length), 'read socket name')
  return name.readUInt16BE(2)
}

function endText({ protocol, address, port }: InetEnd): string {
  return `${protocol} ${address.includes(':') ? `[${address}]` : address}:${port}`
}
