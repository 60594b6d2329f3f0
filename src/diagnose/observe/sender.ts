/** Sending a probe's packets from a namespace as a program there would, and hearing what comes back to it. */
import { hasCode, KernelError, OPEN_RAW_SOCKET, RawSocket, type ReservedPort, reservePort } from '../../kernel/index.ts'
import type { Flow } from '../path/flow.ts'
import { ETHERTYPE, type IpHeader } from './ip-header.ts'
import type { Answer, SendFailure } from './observation.ts'
import { checksumOffset, type Probe, type ProbeAddresses, probeBytes, protocolNumber, randomToken } from './probe.ts'
import { answerFilter } from './probe-filter.ts'
import { type Recognised, recognise, recogniseTransport } from './recognise.ts'

/** Sockets in the sending namespace. Close it when done. */
export class Sender {
  readonly probe: Probe
  readonly answers: Answer[] = []
  readonly #flow: Flow
  readonly #port: ReservedPort | undefined
  #socket: RawSocket | undefined

  /** Reserves the source port; another when that of the flow is taken. @throws KernelError EPERM */
  constructor(flow: Flow) {
    this.#flow = flow
    this.#port = flow.protocol === 'icmp' ? undefined : sourcePort(flow, flow.protocol)
    this.probe = {
      family: flow.family,
      protocol: flow.protocol,
      port: flow.port ?? 0,
      sourcePort: this.#port?.port ?? flow.sourcePort,
      size: flow.size,
      token: randomToken(),
    }
  }

  /** Opens the socket that sends. @returns why it cannot be, when no route leads there or the source is not this namespace's */
  open(heard: () => void): SendFailure | undefined {
    const { from, source } = this.#flow
    const destination = withZone(this.#flow)
    try {
      const socket = RawSocket.open({
        namespace: from.namespace,
        protocol: protocolNumber(this.probe),
        destination,
        checksumOffset: checksumOffset(this.probe),
        filter: answerFilter(this.probe),
        ...(source === undefined ? {} : { source }),
      })
      this.#socket = socket
      socket.start((bytes) => this.#hear(bytes, { source: this.#flow.destination, destination: socket.source }, heard))
      return undefined
    } catch (error) {
      return failureOf(error)
    }
  }

  /** Sends packet `number`. @returns why it could not be sent */
  send(number: number): SendFailure | undefined {
    const socket = this.#socket
    if (socket === undefined) return undefined
    try {
      socket.send(probeBytes(this.probe, number, { source: socket.source, destination: this.#flow.destination }))
      return undefined
    } catch (error) {
      return failureOf(error)
    }
  }

  #hear(bytes: Buffer, addresses: ProbeAddresses, heard: () => void): void {
    const recognised =
      this.probe.family === 'ipv4'
        ? recognise(this.probe, bytes, ETHERTYPE.ipv4)
        : recogniseTransport(this.probe, bytes, withoutHeader(this.probe, addresses, bytes))
    const answer = recognised && answerOf(recognised, this.probe)
    if (answer === undefined) return
    this.answers.push(answer)
    heard()
  }

  close(): void {
    this.#socket?.close()
    this.#port?.release()
  }
}

/** A link-local address means nothing without its interface. */
function withZone({ from, destination, outputInterface }: Flow): string {
  const link = outputInterface === undefined ? undefined : from.link(outputInterface)
  return link === undefined || !destination.startsWith('fe80:') ? destination : `${destination}%${link.name}`
}

/** The flow's own, if it can be had. */
function sourcePort({ from, family, sourcePort: port }: Flow, protocol: 'tcp' | 'udp'): ReservedPort {
  try {
    return reservePort(from.namespace, { protocol, family, port })
  } catch (error) {
    if (!hasCode(error, 'EADDRINUSE', 'EACCES')) throw error
    return reservePort(from.namespace, { protocol, family, port: 0 })
  }
}

function withoutHeader(probe: Probe, { source, destination }: ProbeAddresses, bytes: Buffer): IpHeader {
  const protocol = protocolNumber(probe)
  return { family: probe.family, source, destination, protocol, ttl: 0, length: bytes.length, payload: 0 }
}

/** What a received packet is to the one who sent; on loopback the request itself comes by here too. */
function answerOf(recognised: Recognised, probe: Probe): Answer | undefined {
  switch (recognised.kind) {
    case 'reply':
    case 'reset':
      return { kind: recognised.kind, from: recognised.packet.source, number: recognised.number, error: undefined }
    case 'datagram': {
      const isOurs = recognised.packet.destinationPort !== probe.sourcePort
      if (isOurs) return undefined
      return { kind: 'reply', from: recognised.packet.source, number: recognised.number, error: undefined }
    }
    default:
      return undefined
  }
}

/** What the kernel says of this packet; that nobody may send any here at all is not about the packet. */
function failureOf(error: unknown): SendFailure {
  if (error instanceof KernelError && error.operation !== OPEN_RAW_SOCKET)
    return { code: error.code, message: error.message }
  throw error
}
