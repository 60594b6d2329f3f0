/**
 * Raw IP sockets (raw(7)): packets whose transport header one writes oneself, while the kernel writes the IP header, chooses
 * the route and asks its hooks, as for any program's packet. What is received has passed the hooks for packets that have
 * arrived, so it shows what a program would get.
 */
import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  EINTR,
  MSG_DONTWAIT,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_RAW,
  SOL_SOCKET,
} from '../constants.ts'
import { check, KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { formatIPv4, formatIPv6 } from '../netlink/address-value.ts'
import { readU16, writeU32 } from '../netlink/byte-order.ts'
import { setOption } from '../netlink/channel.ts'
import { enter, type NamespaceHandle } from '../netns/enter.ts'
import { attachFilter } from '../packet/filter.ts'
import { interfaceIndex } from '../packet/packet-socket.ts'
import { SOCKET_ADDRESS_BYTES, socketAddress } from './socket-address.ts'

/** The operation of the error that says that no raw socket can be had at all. */
export const OPEN_RAW_SOCKET = 'open raw socket'

/** Where and how a raw socket is opened. */
export interface RawSocketOptions {
  readonly namespace: NamespaceHandle
  /** IP protocol number. */
  readonly protocol: number
  /** The peer; a link-local one may name its interface: `fe80::1%eth0`. Only its packets are received. */
  readonly destination: string
  /** Left out: the kernel chooses. */
  readonly source?: string
  /** Offset of a checksum that the kernel writes into IPv6 packets (ICMPv6 has one in any case). */
  readonly checksumOffset?: number
  /** What to receive; a program of classic BPF that finds the IPv4 header, or the IPv6 payload, at offset 0. */
  readonly filter?: Buffer
}

const IPPROTO_IPV6 = 41
const IPPROTO_RAW_CHECKSUM = 7
const IPPROTO_ICMPV6 = 58
const LARGEST_PACKET = 65_535
const SO_BROADCAST = 6
/** A socket that never stops to report errors must not hold up the program. */
const MOST_ERRORS = 1000

let shared: Buffer | undefined

/** A raw socket connected to one peer. Close it when done. */
export class RawSocket {
  /** Address that packets are sent from. */
  readonly source: string
  readonly #fd: number
  readonly #label: string
  #watch: libc.Watch | undefined
  #open = true
  #errors = 0

  private constructor(fd: number, label: string) {
    this.#fd = fd
    this.#label = label
    this.source = localAddress(fd)
  }

  /**
   * @throws KernelError ENETUNREACH, EHOSTUNREACH or EACCES when no route leads to the destination, EADDRNOTAVAIL for a source
   *   that is not the namespace's, EPERM without CAP_NET_RAW
   * @throws RangeError when an address is none
   */
  static open(options: RawSocketOptions): RawSocket {
    const { namespace, protocol, source, checksumOffset } = options
    const [destination = '', zone] = options.destination.split('%')
    const domain = destination.includes(':') ? AF_INET6 : AF_INET
    const type = SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK
    const fd = enter(namespace, () => check(libc.socket(domain, type, protocol), OPEN_RAW_SOCKET))
    try {
      if (options.filter !== undefined) attachFilter(fd, options.filter)
      if (checksumOffset !== undefined && domain === AF_INET6 && protocol !== IPPROTO_ICMPV6) {
        setOption(fd, IPPROTO_IPV6, IPPROTO_RAW_CHECKSUM, checksumOffset)
      }
      const scope = zone === undefined ? 0 : interfaceIndex(fd, zone)
      if (source !== undefined) {
        const name = socketAddress(source, 0, scope)
        check(libc.bindSocket(fd, name, name.length), 'send from', source)
      }
      // A broadcast address may be what was asked for; the kernel refuses it otherwise (socket(7)).
      setOption(fd, SOL_SOCKET, SO_BROADCAST, 1)
      const name = socketAddress(destination, 0, scope)
      check(libc.connect(fd, name, name.length), 'reach', destination)
      return new RawSocket(fd, destination)
    } catch (error) {
      libc.close(fd)
      throw error
    }
  }

  /**
   * Sends a packet, from its transport header on.
   * @throws KernelError EPERM when a rule refuses it, EMSGSIZE, ENOBUFS, EHOSTUNREACH, ENETUNREACH
   */
  send(bytes: Uint8Array): void {
    if (libc.send(this.#fd, bytes, bytes.length, MSG_DONTWAIT) >= 0) return
    throw new KernelError({ operation: 'send to', errno: libc.errno(), subject: this.#label })
  }

  /** Calls `visit` with every packet that arrives: IPv4 ones with their header, IPv6 ones without. Views, valid during the call. */
  start(visit: (bytes: Buffer) => void): void {
    this.#watch ??= libc.watchReadable(this.#fd, () => this.drain(visit))
  }

  /** Calls `visit` with what has arrived by now. */
  drain(visit: (bytes: Buffer) => void): void {
    shared ??= Buffer.allocUnsafeSlow(LARGEST_PACKET)
    while (this.#open) {
      const length = libc.recv(this.#fd, shared, shared.length, MSG_DONTWAIT)
      if (length >= 0) visit(shared.subarray(0, length))
      else {
        const errno = libc.errno()
        if (errno === EAGAIN) return
        // Errors of earlier packets, which reading takes from the socket; the sightings tell them in full.
        if (errno !== EINTR && ++this.#errors > MOST_ERRORS) return
      }
    }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#watch?.close()
    libc.close(this.#fd)
  }
}

function localAddress(fd: number): string {
  const name = Buffer.alloc(SOCKET_ADDRESS_BYTES)
  const length = Buffer.alloc(4)
  writeU32(length, name.length, 0)
  check(libc.getsockname(fd, name, length), 'read socket name')
  return readU16(name, 0) === AF_INET ? formatIPv4(name, 4) : formatIPv6(name, 8)
}
