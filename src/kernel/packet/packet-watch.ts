/**
 * Watching for a few packets on every interface of a namespace, in both directions. For capturing many, a ring
 * (`capture-ring.ts`) is cheaper; this one hands over each packet at once, and says nothing of link-layer headers, so that
 * packets look alike on every kind of interface.
 */
import { AF_PACKET, EAGAIN, EINTR, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_DGRAM, SOL_SOCKET } from '../constants.ts'
import { check } from '../errors.ts'
import * as libc from '../libc.ts'
import { readS32, readU32, readU64, writeU32, writeU64 } from '../netlink/byte-order.ts'
import { setOption } from '../netlink/channel.ts'
import { enter, type NamespaceHandle } from '../netns/enter.ts'
import { type PacketDirection, packetDirection } from './captured-packet.ts'
import { attachFilter } from './filter.ts'
import { bindPacketSocket, ETH_P_ALL, takeError } from './packet-socket.ts'

/** A packet that passed an interface. */
export interface WatchedPacket {
  /** From its network header on. A view that is valid until the callback returns. */
  readonly bytes: Buffer
  /** EtherType: 0x0800, 0x86dd, 0x0806. */
  readonly protocol: number
  readonly interfaceIndex: number
  readonly direction: PacketDirection
  /** When the kernel saw it: microseconds of the real-time clock since 1970, with a fraction. */
  readonly microseconds: number
}

/** What to watch for. */
export interface PacketWatchOptions {
  readonly namespace: NamespaceHandle
  /** A program of classic BPF in host byte order, which finds the network header at offset 0. */
  readonly filter: Buffer
  /** Bytes of packets that may wait to be read, as far as the kernel allows. */
  readonly receiveBuffer?: number
}

const SO_RCVBUFFORCE = 33
const SO_TIMESTAMPNS = 35
const HEADER_BYTES = 56
const NAME_BYTES = 20
const CONTROL_BYTES = 64
const LONGEST_PACKET = 2048
const NAME_LENGTH = 8
const CONTROL = 32
const CONTROL_LENGTH = 40

/** Packet sockets of one namespace. Close it when done. */
export class PacketWatch {
  readonly #fd: number
  readonly #bytes = Buffer.alloc(LONGEST_PACKET)
  readonly #name = Buffer.alloc(NAME_BYTES)
  readonly #control = Buffer.alloc(CONTROL_BYTES)
  readonly #vector = Buffer.alloc(16)
  readonly #header = Buffer.alloc(HEADER_BYTES)
  #watch: libc.Watch | undefined
  #open = true

  private constructor(fd: number) {
    this.#fd = fd
    writeU64(this.#vector, libc.address(this.#bytes), 0)
    writeU64(this.#vector, BigInt(LONGEST_PACKET), 8)
    writeU64(this.#header, libc.address(this.#name), 0)
    writeU64(this.#header, libc.address(this.#vector), 16)
    writeU64(this.#header, 1n, 24)
    writeU64(this.#header, libc.address(this.#control), CONTROL)
  }

  /** Begins to watch: what passes from now on is kept until it is read. @throws KernelError EPERM without CAP_NET_RAW */
  static open({ namespace, filter, receiveBuffer }: PacketWatchOptions): PacketWatch {
    const fd = enter(namespace, () => check(libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'open packet socket'))
    try {
      attachFilter(fd, filter)
      if (receiveBuffer !== undefined) setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer)
      setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, 1)
      bindPacketSocket(fd, 0, ETH_P_ALL)
      return new PacketWatch(fd)
    } catch (error) {
      libc.close(fd)
      throw error
    }
  }

  /** Calls `visit` with every packet, on the event loop, until this is closed. */
  start(visit: (packet: WatchedPacket) => void): void {
    this.#watch ??= libc.watchReadable(this.#fd, () => {
      takeError(this.#fd)
      this.drain(visit)
    })
  }

  /** Calls `visit` with every packet that waits to be read. */
  drain(visit: (packet: WatchedPacket) => void): void {
    while (this.#open) {
      writeU32(this.#header, NAME_BYTES, NAME_LENGTH)
      writeU64(this.#header, BigInt(CONTROL_BYTES), CONTROL_LENGTH)
      const length = libc.recvmsg(this.#fd, this.#header, MSG_DONTWAIT)
      if (length >= 0) visit(this.#packet(length))
      else if (libc.errno() === EAGAIN) return
      else if (libc.errno() !== EINTR) takeError(this.#fd)
    }
  }

  #packet(length: number): WatchedPacket {
    return {
      bytes: this.#bytes.subarray(0, length),
      protocol: this.#name.readUInt16BE(2),
      interfaceIndex: readS32(this.#name, 4),
      direction: packetDirection(this.#name[10]!),
      microseconds: this.#time(),
    }
  }

  /** The control message with the time stamp, the only one asked for: a cmsghdr of 16 bytes, then a timespec (cmsg(3)). */
  #time(): number {
    const given = Number(readU64(this.#header, CONTROL_LENGTH))
    const isStamp =
      given >= 32 && readU32(this.#control, 8) === SOL_SOCKET && readU32(this.#control, 12) === SO_TIMESTAMPNS
    if (!isStamp) return Date.now() * 1000
    return Number(readU64(this.#control, 16)) * 1e6 + Number(readU64(this.#control, 24)) / 1e3
  }

  /**
   * Ends the watch. The kernel waits for a grace period of its own before it lets go of a packet socket, some 7 ms; that is
   * spent on another thread, so that many are closed in the time of a few.
   */
  close(): Promise<void> {
    if (!this.#open) return Promise.resolve()
    this.#open = false
    this.#watch?.close()
    return libc.closeAside(this.#fd)
  }
}
