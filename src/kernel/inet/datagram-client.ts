/** One UDP socket connected to one peer: the kernel lets nothing in that others send, and tells when the peer refuses. */
import { EAGAIN, EINTR, MSG_DONTWAIT } from '../constants.ts'
import { KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { openClientSocket } from './inet-socket.ts'

/** What a client hears. */
export interface DatagramListener {
  /** A datagram of the peer; the bytes are only valid during the call. */
  received(bytes: Buffer): void
  /** The socket's error: ECONNREFUSED when nothing listens at the peer. */
  failed(error: KernelError): void
}

const LARGEST_DATAGRAM = 65_535
// One buffer serves all clients: a datagram is dealt with before the next is received.
let shared: Buffer | undefined

/** A connected UDP socket with a port of the kernel's choice. Close it when done. */
export class DatagramClient {
  readonly #fd: number
  readonly #label: string
  readonly #watch: libc.Watch
  readonly #listener: DatagramListener
  #open = true

  /**
   * @throws KernelError ENETUNREACH, EMFILE, ENODEV
   * @throws RangeError when `address` is not an IP address
   */
  constructor(namespace: NamespaceHandle, address: string, port: number, listener: DatagramListener) {
    this.#fd = openClientSocket(namespace, { protocol: 'udp', address, port })
    this.#label = `${address} port ${port}`
    this.#listener = listener
    this.#watch = libc.watchReadable(this.#fd, () => this.#drain())
  }

  /** Sends one datagram. @throws KernelError ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EMSGSIZE, EPERM from a firewall */
  send(bytes: Uint8Array): void {
    if (libc.send(this.#fd, bytes, bytes.length, MSG_DONTWAIT) < 0) throw this.#error('send')
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#watch.close()
    libc.close(this.#fd)
  }

  #drain(): void {
    shared ??= Buffer.allocUnsafeSlow(LARGEST_DATAGRAM)
    while (this.#open) {
      const length = libc.recv(this.#fd, shared, shared.length, MSG_DONTWAIT)
      if (length >= 0) this.#listener.received(shared.subarray(0, length))
      else if (libc.errno() === EAGAIN) return
      else if (libc.errno() !== EINTR) this.#listener.failed(this.#error('receive'))
    }
  }

  #error(operation: string): KernelError {
    return new KernelError({ operation, errno: libc.errno(), subject: this.#label })
  }
}
