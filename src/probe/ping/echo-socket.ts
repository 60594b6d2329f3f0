/** Echo requests of one family, under one identifier, and what comes back to them. */
import { randomInt } from 'node:crypto'
import { type NamespaceHandle, realTime, UnboundRawSocket } from '../../kernel/index.ts'
import type { IpFamily } from '../wire/address.ts'
import { icmpFilter } from '../wire/filters.ts'
import { encodeEcho, type IcmpError, IpProtocol, quotedEcho, readIcmp } from '../wire/icmp.ts'

/** An echo that came back. */
export interface EchoAnswer {
  readonly from: string
  readonly sequence: number
  /** Hop limit that was left. */
  readonly hops: number | undefined
  /** Bytes of payload. */
  readonly size: number
  /** When the kernel took it in: microseconds of the real-time clock. */
  readonly microseconds: number
  /** The first bytes of the payload that was sent, when it is long enough. */
  readonly mark: number | undefined
}

/** An error about an echo request. */
export interface EchoError {
  readonly from: string
  readonly to: string
  readonly sequence: number
  readonly error: IcmpError
  readonly microseconds: number
}

/** What to do with what comes back. */
export interface EchoListener {
  answered(answer: EchoAnswer): void
  failed(error: EchoError): void
}

/** How an echo request is sent. */
export interface EchoSend {
  readonly sequence: number
  /** Bytes of payload; from four on they begin with `mark`. */
  readonly size: number
  /** A number of 32 bits that the answer brings back. */
  readonly mark: number
  readonly hops?: number
  readonly dontFragment?: boolean
  readonly trafficClass?: number
}

/** Where the socket is. */
export interface EchoSocketInit {
  readonly namespace: NamespaceHandle
  readonly family: IpFamily
  readonly source?: string
  readonly interface?: string
  readonly listener: EchoListener
}

const MARK_BYTES = 4
const RECEIVE_BUFFER = 4 * 1024 * 1024

/** The socket. Close it when done. */
export class EchoSocket {
  /** Random, so that several programs in a namespace do not take each other's answers for theirs. */
  readonly identifier = randomInt(1, 0x1_0000)
  readonly #socket: UnboundRawSocket
  readonly #family: IpFamily
  readonly #listener: EchoListener
  readonly #payloads = new Map<number, Buffer>()

  /** @throws KernelError EPERM without CAP_NET_RAW, EADDRNOTAVAIL, ENODEV */
  constructor({ namespace, family, source, listener, interface: link }: EchoSocketInit) {
    this.#family = family
    this.#listener = listener
    this.#socket = UnboundRawSocket.open({
      ...{ namespace, family, receiveBuffer: RECEIVE_BUFFER },
      protocol: family === 'ipv4' ? IpProtocol.icmp : IpProtocol.icmpv6,
      filter: icmpFilter(family, this.identifier),
      ...(source === undefined ? {} : { source }),
      ...(link === undefined ? {} : { interface: link }),
    })
    this.#socket.start(this.#visit)
  }

  /**
   * Sends a request.
   * @returns when: microseconds of the real-time clock
   * @throws KernelError EMSGSIZE, EPERM, ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL, ENOBUFS
   */
  send(destination: string, { sequence, size, mark, ...options }: EchoSend): number {
    const bytes = encodeEcho(this.#family, this.identifier, sequence, this.#payload(size, mark))
    const now = realTime()
    this.#socket.send(bytes, destination, options)
    return now
  }

  /** Takes in what has arrived by now. */
  drain(): void {
    this.#socket.drain(this.#visit)
  }

  close(): void {
    this.#socket.close()
  }

  #payload(size: number, mark: number): Buffer {
    let payload = this.#payloads.get(size)
    if (payload === undefined) {
      payload = Buffer.alloc(size, Buffer.from(Array.from({ length: 256 }, (_, i) => i)))
      this.#payloads.clear()
      this.#payloads.set(size, payload)
    }
    if (size >= MARK_BYTES) payload.writeUInt32BE(mark, 0)
    return payload
  }

  readonly #visit = (packet: Parameters<Parameters<UnboundRawSocket['start']>[0]>[0]): void => {
    const { bytes, source, hops, microseconds } = packet
    const message = readIcmp(this.#family, bytes)
    if (message === undefined) return
    if (message.kind === 'echo-reply') {
      if (message.identifier !== this.identifier) return
      const { sequence, payload } = message
      const mark = payload.length >= MARK_BYTES ? payload.readUInt32BE(0) : undefined
      this.#listener.answered({ from: source, sequence, hops, size: payload.length, microseconds, mark })
      return
    }
    const echo = quotedEcho(message.quoted)
    if (echo?.identifier !== this.identifier) return
    const to = message.quoted.destination
    this.#listener.failed({ from: source, to, sequence: echo.sequence, error: message, microseconds })
  }
}
