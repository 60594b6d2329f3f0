/**
 * What a netlink conversation needs of the world: something that takes a request and gives datagrams back. The real one is
 * a kernel socket; tests use `fakeKernel` (fake-kernel.ts).
 */
import {
  AF_NETLINK,
  EAGAIN,
  EINTR,
  MSG_TRUNC,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from '../constants.ts'
import { check, KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { enter, type NamespaceHandle } from '../netns/enter.ts'
import { writeS32, writeU32 } from './byte-order.ts'

/** Takes requests, gives datagrams. */
export interface NetlinkChannel {
  /** Sends one datagram, which may hold several requests. */
  send(bytes: Buffer): void
  /** The next datagram. The bytes are only valid until the next call. Undefined when none came within the time-out. */
  receive(): Buffer | undefined
  close(): void
}

/** Netlink families that Netwright speaks (linux/netlink.h). */
export const NetlinkProtocol = { route: 0, sockDiag: 4, xfrm: 6, connector: 11, netfilter: 12, generic: 16 } as const
/** The number of a netlink family. */
export type NetlinkProtocol = (typeof NetlinkProtocol)[keyof typeof NetlinkProtocol]

const SO_SNDBUF = 7
const SO_RCVBUF = 8
const SO_RCVTIMEO = 20
const SO_SNDBUFFORCE = 32
const SO_RCVBUFFORCE = 33

/** SOL_NETLINK (linux/socket.h) */
export const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12

/** Where and how a socket is opened. */
export interface SocketInit {
  readonly protocol: NetlinkProtocol
  /** The namespace it lives in for good; the calling thread's when left out. */
  readonly namespace?: NamespaceHandle
  /** Multicast groups, as the bit mask of bind(2) has them. */
  readonly groups?: number
  /** Never wait for an answer: for sockets on the event loop. */
  readonly nonBlocking?: boolean
  /** Receive buffer in bytes; needs CAP_NET_ADMIN to pass net.core.rmem_max and is what the kernel allows otherwise. */
  readonly receiveBuffer?: number
  /** Send buffer in bytes, which bounds a datagram; as for the receive buffer. */
  readonly sendBuffer?: number
}

/** Largest datagram that the kernel builds for a dump is 32 KiB (af_netlink.c, netlink_dump); twice that leaves room. */
const RECEIVE_BYTES = 1 << 16
// One buffer serves every socket of a thread: a datagram is decoded before the next is received.
let receiveBuffer: Buffer | undefined

/** Opens and binds a netlink socket; returns its descriptor. */
export function openSocket(init: SocketInit): number {
  const type = SOCK_RAW | SOCK_CLOEXEC | (init.nonBlocking === true ? SOCK_NONBLOCK : 0)
  const open = (): number => check(libc.socket(AF_NETLINK, type, init.protocol), 'open netlink socket')
  const fd = init.namespace === undefined ? open() : enter(init.namespace, open)
  try {
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK]) setOption(fd, SOL_NETLINK, option, 1)
    if (init.protocol === NetlinkProtocol.route) setOption(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1)
    if (init.receiveBuffer !== undefined && !setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, init.receiveBuffer)) {
      setOption(fd, SOL_SOCKET, SO_RCVBUF, init.receiveBuffer)
    }
    if (init.sendBuffer !== undefined && !setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, init.sendBuffer)) {
      setOption(fd, SOL_SOCKET, SO_SNDBUF, init.sendBuffer)
    }
    if (init.groups !== undefined) bindGroups(fd, init.groups)
    return fd
  } catch (error) {
    libc.close(fd)
    throw error
  }
}

/** Sets an integer option; false when this kernel refuses it. */
export function setOption(fd: number, level: number, option: number, value: number): boolean {
  const bytes = Buffer.alloc(4)
  writeS32(bytes, value, 0)
  return libc.setsockopt(fd, level, option, bytes, 4) === 0
}

function bindGroups(fd: number, groups: number): void {
  const address = Buffer.alloc(12)
  address[0] = AF_NETLINK
  writeU32(address, groups >>> 0, 8)
  check(libc.bindSocket(fd, address, address.length), 'subscribe to netlink groups')
}

/**
 * A blocking channel to the kernel. The kernel answers netlink requests within the send call, so "blocking" waits for
 * nothing; the time-out only keeps a kernel bug from hanging us.
 */
export function openChannel(init: SocketInit): NetlinkChannel {
  const fd = openSocket(init)
  const timeout = Buffer.alloc(16)
  writeU32(timeout, 10, 0)
  libc.setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.length)
  // A kernel socket address: port 0, no groups. A connected netlink socket takes messages from the kernel alone, so that
  // another process cannot forge an answer by sending to our port (netlink(7)).
  const kernel = Buffer.alloc(12)
  kernel[0] = AF_NETLINK
  check(libc.connect(fd, kernel, kernel.length), 'connect netlink socket')
  let open = true
  return {
    send(bytes) {
      check(libc.send(fd, bytes, bytes.length, 0), 'send netlink request')
    },
    receive() {
      receiveBuffer ??= Buffer.allocUnsafeSlow(RECEIVE_BYTES)
      const length = libc.recv(fd, receiveBuffer, receiveBuffer.length, MSG_TRUNC)
      if (length < 0) {
        const errno = libc.errno()
        if (errno === EAGAIN) return undefined
        if (errno === EINTR) return this.receive()
        throw new KernelError({ operation: 'receive netlink answer', errno })
      }
      if (length > receiveBuffer.length) throw new KernelError({ operation: 'receive netlink answer', errno: EMSGSIZE })
      return receiveBuffer.subarray(0, length)
    },
    close() {
      if (open) libc.close(fd)
      open = false
    },
  }
}
const EMSGSIZE = 90
