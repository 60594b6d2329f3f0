/** Sending frames that one made oneself. */
import { KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { bindPacketSocket, interfaceIndex, NO_PROTOCOL, openPacketSocket } from './packet-socket.ts'

const MSG_DONTWAIT = 0x40
/** Link-layer header of Ethernet: two addresses and a type. */
const SHORTEST_FRAME = 14

/** Puts frames on one interface. Close it when done; that takes some 7 ms. */
export class PacketSender {
  readonly #fd: number
  readonly #label: string
  #open = true

  private constructor(fd: number, label: string) {
    this.#fd = fd
    this.#label = label
  }

  /**
   * Opens a sender for an interface of `namespace`, given by name or index.
   * @throws KernelError ENODEV without such an interface, EPERM without CAP_NET_RAW
   */
  static open(options: { readonly namespace: NamespaceHandle; readonly interface: string | number }): PacketSender {
    const fd = openPacketSocket(options.namespace)
    try {
      bindPacketSocket(fd, interfaceIndex(fd, options.interface), NO_PROTOCOL)
      return new PacketSender(fd, String(options.interface))
    } catch (error) {
      libc.close(fd)
      throw error
    }
  }

  /**
   * Sends one frame, from its link-layer header on. The checksums in it are the caller's work.
   * @throws KernelError ENETDOWN when the interface is down, EMSGSIZE when the frame exceeds its MTU, EAGAIN or ENOBUFS when
   *   its queue is full, ENXIO when it is gone
   */
  send(frame: Uint8Array): void {
    if (!this.#open) throw new TypeError('this packet sender was closed')
    if (frame.length < SHORTEST_FRAME)
      throw new RangeError(`a frame has at least ${SHORTEST_FRAME} bytes, not ${frame.length}`)
    if (libc.send(this.#fd, frame, frame.length, MSG_DONTWAIT) >= 0) return
    throw new KernelError({ operation: 'send frame', errno: libc.errno(), subject: `on ${this.#label}` })
  }

  close(): void {
    if (this.#open) libc.close(this.#fd)
    this.#open = false
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
