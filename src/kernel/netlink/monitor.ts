/**
 * What the kernel announces, as an async iterator: a multicast netlink socket on Node's event loop. When the kernel had to
 * drop announcements because we read too slowly (ENOBUFS), or when our own reader falls behind, the iterator says so with a
 * `gap`, and the reader takes a fresh dump: there is never a silent hole.
 */
import { EAGAIN, EINTR, MSG_TRUNC } from '../constants.ts'
import { KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { readS32, readU32, readU64, writeU32, writeU64 } from './byte-order.ts'
import { type NetlinkProtocol, openSocket, SOL_NETLINK, setOption } from './channel.ts'
import { eachMessage, type MessageHeader } from './message.ts'

/** One announcement, decoded. */
export interface Announcement<T> {
  /** Id, in the monitor's namespace, of the namespace it comes from; undefined for the monitor's own. */
  readonly nsid: number | undefined
  /** Its place among all that the monitor has received, counted from 1; see `received`. */
  readonly place: number
  readonly value: T
}

/** What the iterator yields: everything that was waiting at once, or the news that some of it was lost. */
export type MonitorItem<T> =
  | { readonly kind: 'announcements'; readonly announcements: readonly Announcement<T>[] }
  | { readonly kind: 'gap' }

/** What to listen to. */
export interface MonitorInit<T> {
  readonly protocol: NetlinkProtocol
  /** Multicast groups, as the bit mask of bind(2) has them. */
  readonly groups: number
  readonly namespace?: NamespaceHandle
  /**
   * Hear every namespace that has an id in the monitor's own (NETLINK_LISTEN_ALL_NSID, netlink(7)). Needs CAP_NET_BROADCAST.
   */
  readonly allNamespaces?: boolean
  /** Turns a message into a value; undefined drops it. The bytes are only valid during the call. */
  decode(header: MessageHeader, bytes: Buffer, offset: number, length: number): T | undefined
  /** Announcements held for a reader that is busy; more than these are dropped and become a gap. Default 200,000. */
  readonly limit?: number
  /** Receive buffer of the socket in bytes. Default 16 MiB. */
  readonly receiveBuffer?: number
}

const NETLINK_LISTEN_ALL_NSID = 8
const ENOBUFS = 105
/** Datagrams taken in one turn of the event loop, so that a flood leaves room for everything else. */
const DATAGRAMS_A_TURN = 512
/** Turns that are taken at once where the socket is to be emptied; a flood that outruns us must not keep us for ever. */
const TURNS_AT_ONCE = 200

/** An open subscription. It ends when `close` is called or the loop over it is left. */
export class NetlinkMonitor<T> implements AsyncIterable<MonitorItem<T>> {
  readonly #init: MonitorInit<T>
  readonly #fd: number
  readonly #watch: libc.Watch
  readonly #envelope = new Envelope()
  readonly #limit: number
  #waiting: Announcement<T>[] = []
  #received = 0
  /** Announcements were lost, and the socket has not been emptied since. */
  #lost = false
  #gap = false
  #failure: unknown
  #closed = false
  #wake: (() => void) | undefined

  /** @throws KernelError EPERM when the kernel does not let us hear other namespaces */
  constructor(init: MonitorInit<T>) {
    this.#init = init
    this.#limit = init.limit ?? 200_000
    this.#fd = openSocket({
      protocol: init.protocol,
      groups: init.groups,
      nonBlocking: true,
      receiveBuffer: init.receiveBuffer ?? 16 * 1024 * 1024,
      ...(init.namespace === undefined ? {} : { namespace: init.namespace }),
    })
    if (init.allNamespaces === true && !setOption(this.#fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1)) {
      const error = new KernelError({ operation: 'listen to all network namespaces', errno: libc.errno() })
      libc.close(this.#fd)
      throw error
    }
    this.#watch = libc.watchReadable(this.#fd, () => this.#drain())
  }

  /**
   * Reads what is waiting right now, without waiting for the event loop.
   * @returns how many announcements have been received so far: the state of the kernel that is read afterwards includes all
   *   of these, so that those whose `place` is not higher tell nothing new about it
   */
  received(): number {
    for (let turn = 0; turn < TURNS_AT_ONCE && !this.#closed && !this.#drain(); turn++);
    return this.#received
  }

  /** Takes what is waiting right now out of the iterator's hands. */
  poll(): MonitorItem<T>[] {
    this.received()
    return this.#take()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#watch.close()
    libc.close(this.#fd)
    this.#wake?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<MonitorItem<T>> {
    try {
      while (!this.#closed) {
        const items = this.#take()
        for (const item of items) yield item
        if (this.#failure !== undefined) throw this.#failure
        if (items.length === 0) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve
          })
        }
      }
    } finally {
      this.close()
    }
  }

  #take(): MonitorItem<T>[] {
    const items: MonitorItem<T>[] = []
    if (this.#waiting.length > 0) {
      items.push({ kind: 'announcements', announcements: this.#waiting })
      this.#waiting = []
    }
    if (this.#gap) {
      items.push({ kind: 'gap' })
      this.#gap = false
    }
    return items
  }

  /** Takes the datagrams of one turn. @returns true when none is left */
  #drain(): boolean {
    let empty = false
    try {
      for (let i = 0; i < DATAGRAMS_A_TURN && !empty; i++) empty = !this.#receive()
    } catch (error) {
      this.#failure = error
      empty = true
    }
    if (empty && this.#lost) {
      // Once it had to drop one, the kernel drops all, without another ENOBUFS, until the socket has been emptied
      // (netlink_overrun and netlink_rcv_wake, net/netlink/af_netlink.c): only what is read from now on has no gap.
      this.#lost = false
      this.#gap = true
    }
    if (this.#waiting.length > 0 || this.#gap || this.#failure !== undefined) this.#wake?.()
    return empty
  }

  /** Takes one datagram; false when none is waiting. */
  #receive(): boolean {
    const received = this.#envelope.receive(this.#fd)
    if (received === 'empty') return false
    if (received === 'overrun') {
      this.#lost = true
      return true
    }
    // Any process may send to our port; only port 0 is the kernel.
    if (received.port !== 0) return true
    eachMessage(received.bytes, received.bytes.length, (header, offset, length) => {
      const value = this.#init.decode(header, received.bytes, offset, length)
      if (value !== undefined) this.#keep({ nsid: received.nsid, place: ++this.#received, value })
    })
    return true
  }

  #keep(announcement: Announcement<T>): void {
    if (this.#waiting.length >= this.#limit) {
      // What is dropped here is older than the dump that answers the gap.
      this.#waiting = []
      this.#lost = true
    }
    this.#waiting.push(announcement)
  }
}

/** A datagram with its sender and the namespace it comes from. */
interface Received {
  readonly bytes: Buffer
  readonly port: number
  readonly nsid: number | undefined
}

/**
 * The memory of recvmsg(2): msghdr, iovec, sender's address, control messages, laid out once.
 * The layout is that of 64-bit Linux, where pointers and size_t take eight bytes.
 */
class Envelope {
  readonly #payload = Buffer.allocUnsafeSlow(1 << 16)
  readonly #sender = Buffer.allocUnsafeSlow(12)
  readonly #control = Buffer.allocUnsafeSlow(64)
  readonly #vector = Buffer.allocUnsafeSlow(16)
  readonly #header = Buffer.allocUnsafeSlow(56).fill(0)

  constructor() {
    writeU64(this.#vector, libc.address(this.#payload), 0)
    writeU64(this.#vector, BigInt(this.#payload.length), 8)
    writeU64(this.#header, libc.address(this.#sender), 0)
    writeU64(this.#header, libc.address(this.#vector), 16)
    writeU64(this.#header, 1n, 24)
    writeU64(this.#header, libc.address(this.#control), 32)
  }

  receive(fd: number): Received | 'empty' | 'overrun' {
    // The kernel overwrites the lengths with what it used.
    writeU32(this.#header, this.#sender.length, 8)
    writeU64(this.#header, BigInt(this.#control.length), 40)
    const length = libc.recvmsg(fd, this.#header, MSG_TRUNC)
    if (length < 0) return this.#failed(fd)
    // A datagram longer than the buffer arrives cut short: its rest is lost, which is a gap like any other.
    if (length > this.#payload.length) return 'overrun'
    return { bytes: this.#payload.subarray(0, length), port: readU32(this.#sender, 4), nsid: this.#nsid() }
  }

  #failed(fd: number): Received | 'empty' | 'overrun' {
    const error = new KernelError({ operation: 'receive netlink announcements', errno: libc.errno() })
    if (error.errno === EAGAIN) return 'empty'
    if (error.errno === ENOBUFS) return 'overrun'
    if (error.errno === EINTR) return this.receive(fd)
    throw error
  }

  /** The namespace id that NETLINK_LISTEN_ALL_NSID attaches: a control message of 16 bytes header and a 32-bit id. */
  #nsid(): number | undefined {
    const length = Number(readU64(this.#header, 40))
    if (length < 20) return undefined
    const level = readS32(this.#control, 8)
    const type = readS32(this.#control, 12)
    return level === SOL_NETLINK && type === NETLINK_LISTEN_ALL_NSID ? readS32(this.#control, 16) : undefined
  }
}
