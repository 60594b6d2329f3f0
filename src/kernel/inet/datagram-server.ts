/** A UDP socket that answers: datagrams are taken in batches, and answers written over them go out in batches too. */
import { MSG_DONTWAIT } from '../constants.ts'
import * as libc from '../libc.ts'
import type { NamespaceHandle } from '../netns/enter.ts'
import { DatagramBatch, SLOT_BYTES } from './datagram-batch.ts'
import { openServerSocket } from './inet-socket.ts'

/** A datagram that has arrived. Valid during the call only. */
export interface Arrival {
  /** Memory that holds it; an answer is written over it, from `start` up to `end`. */
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  readonly length: number
  /** Who sent it, to be kept for `DatagramServer.send`. */
  sender(): Buffer
}

/** Deals with a datagram. @returns length of the answer that it wrote over it; 0 for none, or none yet */
export type Answerer = (arrival: Arrival) => number

/** Where a server listens. */
export interface DatagramServerInit {
  readonly namespace: NamespaceHandle
  readonly address: string
  /** 0: any free one. */
  readonly port: number
  readonly answer: Answerer
  /** Receive buffer in bytes. */
  readonly receiveBuffer?: number
  /** Makes one call for each datagram, as on kernels without calls for many. */
  readonly singly?: boolean
}

/** Batches that one socket may have in a row before others have their turn. */
const BATCHES_IN_A_ROW = 8
// Batches are dealt with synchronously, so all servers of a thread share one; a second exists for those that go singly.
const shared = new Map<boolean, DatagramBatch>()

/** A UDP server in a namespace. Datagrams longer than 4096 bytes are dropped. Close it when done. */
export class DatagramServer {
  readonly port: number
  readonly #fd: number
  readonly #batch: DatagramBatch
  readonly #answer: Answerer
  readonly #watch: libc.Watch
  readonly #arrival: Mutable<Arrival>
  #slot = 0
  #open = true

  /** @throws KernelError EADDRINUSE, EPERM when the namespace cannot be entered */
  constructor(init: DatagramServerInit) {
    const { namespace, address, port, receiveBuffer } = init
    const buffer = receiveBuffer === undefined ? {} : { receiveBuffer }
    const socket = openServerSocket(namespace, { protocol: 'udp', address, port, ...buffer })
    this.#fd = socket.fd
    this.port = socket.port
    this.#answer = init.answer
    this.#batch = batch(init.singly === true)
    const sender = (): Buffer => this.#batch.sender(this.#slot)
    this.#arrival = { bytes: this.#batch.bytes, start: 0, end: 0, length: 0, sender }
    this.#watch = libc.watchReadable(this.#fd, () => this.#drain())
  }

  /** Sends one datagram to a sender of an earlier one. False when it could not be sent: it is lost then, as UDP's are. */
  send(bytes: Uint8Array, to: Buffer): boolean {
    return this.#open && libc.sendto(this.#fd, bytes, bytes.length, MSG_DONTWAIT, to, to.length) >= 0
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#watch.close()
    libc.close(this.#fd)
  }

  #drain(): void {
    for (let round = 0; round < BATCHES_IN_A_ROW && this.#open; round++) {
      // A failure leaves nothing to do here: no more datagrams, or an error that receiving has taken from the socket.
      const count = this.#batch.receive(this.#fd)
      if (count <= 0) return
      try {
        for (let slot = 0; slot < count; slot++) this.#deal(slot)
      } finally {
        this.#batch.flush(this.#fd)
      }
    }
  }

  #deal(slot: number): void {
    const length = this.#batch.length(slot)
    if (length < 0 || !this.#open) return
    const arrival = this.#arrival
    this.#slot = slot
    arrival.start = slot * SLOT_BYTES
    arrival.end = arrival.start + SLOT_BYTES
    arrival.length = length
    const answer = this.#answer(arrival)
    if (answer > 0) this.#batch.queue(slot, answer)
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

function batch(singly: boolean): DatagramBatch {
  const found = shared.get(singly) ?? new DatagramBatch({ singly })
  shared.set(singly, found)
  return found
}
