/**
 * A raw IP socket (raw(7)) that talks to everybody: it sends to any address with the hop limit of its caller's choice, and
 * hears a protocol's packets from anywhere, with the time at which the kernel took them in. Errors of routers come in by one
 * for ICMP. `raw-socket.ts` is for one peer.
 */
import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from '../constants.ts'
import { check, KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { formatIPv4, formatIPv6 } from '../netlink/address-value.ts'
import { readS32, readU32, readU64, writeU32, writeU64 } from '../netlink/byte-order.ts'
import { setOption } from '../netlink/channel.ts'
import { enter, type NamespaceHandle } from '../netns/enter.ts'
import { attachFilter } from '../packet/filter.ts'
import { interfaceIndex } from '../packet/packet-socket.ts'
import { SOCKET_ADDRESS_BYTES, socketAddress } from './socket-address.ts'

/** Where and how the socket is opened. */
export interface UnboundRawSocketOptions {
  readonly namespace: NamespaceHandle
  readonly family: 'ipv4' | 'ipv6'
  /** IP protocol number. */
  readonly protocol: number
  /** What to hear; a program of classic BPF that finds the IPv4 header, or the IPv6 payload, at offset 0. */
  readonly filter?: Buffer
  /** Offset of a checksum that the kernel writes into IPv6 packets (ICMPv6 has one in any case). */
  readonly checksumOffset?: number
  /** Receive buffer in bytes, as far as the kernel allows. */
  readonly receiveBuffer?: number
  /** Address to send from; the kernel's choice when left out. */
  readonly source?: string
  /** Leave by this interface only. */
  readonly interface?: string
}

/** How a packet is sent. */
export interface RawSendOptions {
  /** Hop limit; the namespace's own when left out. */
  readonly hops?: number
  /** Never in fragments, and also when the path is known to be too narrow (IP_PMTUDISC_PROBE): routers are to say so. */
  readonly dontFragment?: boolean
  /** Type of service, or traffic class. */
  readonly trafficClass?: number
}

/** A packet that arrived. */
export interface RawPacket {
  /** From the transport header on. A view that is valid during the call. */
  readonly bytes: Buffer
  readonly source: string
  /** Hop limit that was left. */
  readonly hops: number | undefined
  /** When the kernel took it in: microseconds of the real-time clock since 1970, with a fraction. */
  readonly microseconds: number
}

const SO_BROADCAST = 6
const SO_RCVBUF = 8
const SO_BINDTODEVICE = 25
const SO_RCVBUFFORCE = 33
const SO_TIMESTAMPNS = 35
const IPPROTO_IP = 0
const IP_TOS = 1
const IP_TTL = 2
const IP_MTU_DISCOVER = 10
const IPPROTO_IPV6 = 41
const IPPROTO_ICMPV6 = 58
const IPV6_CHECKSUM = 7
const IPV6_UNICAST_HOPS = 16
const IPV6_MTU_DISCOVER = 23
const IPV6_RECVHOPLIMIT = 51
const IPV6_HOPLIMIT = 52
const IPV6_DONTFRAG = 62
const IPV6_TCLASS = 67
/** Set DF, ignore what is known of the path's MTU; or let the route decide (linux/in.h). */
const PMTUDISC_DONT = 0
const PMTUDISC_PROBE = 3
const LARGEST_PACKET = 65_535
const HEADER_BYTES = 56
const CONTROL_BYTES = 128
const NAME_LENGTH = 8
const CONTROL = 32
const CONTROL_LENGTH = 40
/** Packets taken in a row before others have their turn. */
const MOST_IN_A_ROW = 4096

// One set of buffers serves all sockets of a thread: a packet is dealt with before the next is received.
let shared: ReceiveBuffers | undefined

interface ReceiveBuffers {
  readonly bytes: Buffer
  readonly name: Buffer
  readonly control: Buffer
  readonly vector: Buffer
  readonly header: Buffer
}

/** The socket. Close it when done. */
export class UnboundRawSocket {
  readonly family: 'ipv4' | 'ipv6'
  readonly #fd: number
  readonly #names = new Map<string, Buffer>()
  #watch: libc.Watch | undefined
  #open = true
  #hops = -1
  #dontFragment: boolean | undefined
  #trafficClass = -1

  private constructor(fd: number, family: 'ipv4' | 'ipv6') {
    this.#fd = fd
    this.family = family
  }

  /**
   * @throws KernelError EPERM without CAP_NET_RAW, EADDRNOTAVAIL for a source that is not the namespace's, ENODEV without the
   *   interface
   */
  static open(options: UnboundRawSocketOptions): UnboundRawSocket {
    const { namespace, family, protocol } = options
    const domain = family === 'ipv4' ? AF_INET : AF_INET6
    const type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK
    const fd = enter(namespace, () => check(libc.socket(domain, type, protocol), 'open raw socket'))
    try {
      prepare(fd, options)
      return new UnboundRawSocket(fd, family)
    } catch (error) {
      libc.close(fd)
      throw error
    }
  }

  /**
   * Sends a packet, from its transport header on.
   * @param destination a link-local one may name its interface: `fe80::1%eth0`
   * @throws KernelError EMSGSIZE when it exceeds the interface's MTU and must not be split, EPERM when a rule refuses it,
   *   ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, ENOBUFS
   */
  send(bytes: Uint8Array, destination: string, options: RawSendOptions = {}): void {
    this.#set(options)
    const name = this.#name(destination)
    if (libc.sendto(this.#fd, bytes, bytes.length, MSG_DONTWAIT, name, name.length) >= 0) return
    throw new KernelError({ operation: 'send to', errno: libc.errno(), subject: destination })
  }

  /** Calls `visit` with every packet that arrives, on the event loop, until this is closed. */
  start(visit: (packet: RawPacket) => void): void {
    this.#watch ??= libc.watchReadable(this.#fd, () => this.drain(visit))
  }

  /** Calls `visit` with what has arrived by now. */
  drain(visit: (packet: RawPacket) => void): void {
    shared ??= makeBuffers()
    const buffers = shared
    for (let left = MOST_IN_A_ROW; left > 0 && this.#open; left--) {
      writeU32(buffers.header, SOCKET_ADDRESS_BYTES, NAME_LENGTH)
      writeU64(buffers.header, BigInt(CONTROL_BYTES), CONTROL_LENGTH)
      const length = libc.recvmsg(this.#fd, buffers.header, MSG_DONTWAIT)
      if (length >= 0) {
        const packet = readPacket(buffers, length, this.family)
        if (packet !== undefined) visit(packet)
      } else if (libc.errno() === EAGAIN) return
      // Anything else is an error of an earlier packet, which reading has taken from the socket.
    }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#watch?.close()
    libc.close(this.#fd)
  }

  /** Options are set only when they change: most packets in a row have the same. */
  #set({ hops = -1, dontFragment = false, trafficClass = 0 }: RawSendOptions): void {
    const v4 = this.family === 'ipv4'
    const level = v4 ? IPPROTO_IP : IPPROTO_IPV6
    if (hops !== this.#hops) {
      setOption(this.#fd, level, v4 ? IP_TTL : IPV6_UNICAST_HOPS, hops)
      this.#hops = hops
    }
    if (dontFragment !== this.#dontFragment) {
      const discovery = dontFragment ? PMTUDISC_PROBE : PMTUDISC_DONT
      setOption(this.#fd, level, v4 ? IP_MTU_DISCOVER : IPV6_MTU_DISCOVER, discovery)
      if (!v4) setOption(this.#fd, level, IPV6_DONTFRAG, dontFragment ? 1 : 0)
      this.#dontFragment = dontFragment
    }
    if (trafficClass !== this.#trafficClass) {
      setOption(this.#fd, level, v4 ? IP_TOS : IPV6_TCLASS, trafficClass)
      this.#trafficClass = trafficClass
    }
  }

  #name(destination: string): Buffer {
    const known = this.#names.get(destination)
    if (known !== undefined) return known
    const [address = '', zone] = destination.split('%')
    const name = socketAddress(address, 0, zone === undefined ? 0 : interfaceIndex(this.#fd, zone))
    this.#names.set(destination, name)
    return name
  }
}

function prepare(fd: number, options: UnboundRawSocketOptions): void {
  const { family, protocol, filter, checksumOffset, receiveBuffer, source } = options
  if (filter !== undefined) attachFilter(fd, filter)
  if (checksumOffset !== undefined && family === 'ipv6' && protocol !== IPPROTO_ICMPV6) {
    setOption(fd, IPPROTO_IPV6, IPV6_CHECKSUM, checksumOffset)
  }
  if (receiveBuffer !== undefined && !setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer)) {
    setOption(fd, SOL_SOCKET, SO_RCVBUF, receiveBuffer)
  }
  setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1)
  setOption(fd, SOL_SOCKET, SO_BROADCAST, 1)
  if (family === 'ipv6') setOption(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1)
  if (options.interface !== undefined) {
    // Looked up first, for the error that says which interface there is not.
    interfaceIndex(fd, options.interface)
    const name = Buffer.from(`${options.interface}\0`)
    check(libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, name.length), 'send by', options.interface)
  }
  if (source !== undefined) {
    const name = socketAddress(source, 0)
    check(libc.bindSocket(fd, name, name.length), 'send from', source)
  }
}

function makeBuffers(): ReceiveBuffers {
  const bytes = Buffer.allocUnsafeSlow(LARGEST_PACKET)
  const name = Buffer.alloc(SOCKET_ADDRESS_BYTES)
  const control = Buffer.alloc(CONTROL_BYTES)
  const vector = Buffer.alloc(16)
  const header = Buffer.alloc(HEADER_BYTES)
  writeU64(vector, libc.address(bytes), 0)
  writeU64(vector, BigInt(bytes.length), 8)
  writeU64(header, libc.address(name), 0)
  writeU64(header, libc.address(vector), 16)
  writeU64(header, 1n, 24)
  writeU64(header, libc.address(control), CONTROL)
  return { bytes, name, control, vector, header }
}

/** An IPv4 packet comes with its header, an IPv6 one without (raw(7), RFC 3542 §3). */
function readPacket(buffers: ReceiveBuffers, length: number, family: 'ipv4' | 'ipv6'): RawPacket | undefined {
  const { bytes, name } = buffers
  const { microseconds, hops } = readControl(buffers)
  if (family === 'ipv6') return { bytes: bytes.subarray(0, length), source: formatIPv6(name, 8), hops, microseconds }
  const header = (bytes[0]! & 0xf) * 4
  if (length < 20 || header < 20 || header > length) return undefined
  return { bytes: bytes.subarray(header, length), source: formatIPv4(name, 4), hops: bytes[8]!, microseconds }
}

/** Control messages: a cmsghdr of 16 bytes (length, level, type), then what it says, aligned to 8 (cmsg(3)). */
function readControl({ control, header }: ReceiveBuffers): { microseconds: number; hops: number | undefined } {
  const end = Math.min(CONTROL_BYTES, Number(readU64(header, CONTROL_LENGTH)))
  let microseconds: number | undefined
  let hops: number | undefined
  for (let at = 0; at + 16 <= end; ) {
    const length = Number(readU64(control, at))
    if (length < 16 || at + length > end) break
    const level = readU32(control, at + 8)
    const type = readU32(control, at + 12)
    if (level === SOL_SOCKET && type === SO_TIMESTAMPNS && length >= 32) {
      microseconds = Number(readU64(control, at + 16)) * 1e6 + Number(readU64(control, at + 24)) / 1e3
    } else if (level === IPPROTO_IPV6 && type === IPV6_HOPLIMIT && length >= 20) hops = readS32(control, at + 16)
    at += (length + 7) & ~7
  }
  return { microseconds: microseconds ?? realTime(), hops }
}

const CLOCK_REALTIME = 0
const time = Buffer.alloc(16)

/** Microseconds of the real-time clock since 1970, with a fraction: the clock that packets' time stamps are of. */
export function realTime(): number {
  libc.clockGettime(CLOCK_REALTIME, time)
  return Number(readU64(time, 0)) * 1e6 + Number(readU64(time, 8)) / 1e3
}
