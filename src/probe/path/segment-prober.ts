/**
 * TCP segments and UDP datagrams along a path. All have the same addresses and ports, so that routers that spread flows over
 * several ways send all of them the same way. What tells them apart is something that routers do not look at and send back
 * in the first eight bytes: the sequence number of a SYN, the length of a datagram.
 */
import { randomInt } from 'node:crypto'
import { type RawPacket, realTime, reservePort, sourceToward, UnboundRawSocket } from '../../kernel/index.ts'
import { bareAddress, familyOfAddress, type IpFamily } from '../wire/address.ts'
import { pseudoHeaderSum } from '../wire/checksum.ts'
import { portFilter } from '../wire/filters.ts'
import { type IcmpError, IpProtocol, quotedPorts } from '../wire/icmp.ts'
import { IcmpListener, objectionOf } from '../wire/icmp-listener.ts'
import { encodeSyn, encodeUdp, readTcp, TCP_CHECKSUM_OFFSET, TcpFlag, UDP_CHECKSUM_OFFSET } from '../wire/transport.ts'
import type { HeardAnswer, HopProber, HopProberInit } from './hop-prober.ts'

/** What is special about one of the two protocols. */
interface Kind {
  readonly protocol: number
  readonly name: 'tcp' | 'udp'
  readonly checksumOffset: number
  readonly numbers: number
  encode(ports: Ports, number: number, pseudoHeader: number | undefined): Buffer
  /** The number of a packet that was sent back, from its transport header. */
  quotedNumber(transport: Buffer): number | undefined
  answer(packet: Buffer, port: number): Pick<HeardAnswer, 'number' | 'arrival'> | undefined
}

interface Ports {
  readonly source: number
  readonly destination: number
}

/** Numbers that lengths can tell apart. */
const LENGTHS = 256
const SHORTEST_PAYLOAD = 8

/** @throws KernelError EPERM without CAP_NET_RAW; ENETUNREACH and its like when no route leads there */
export function openTcpProber(init: HopProberInit): HopProber {
  const first = randomInt(0x1_0000) * 0x1_0000
  return new SegmentProber(init, {
    ...{ protocol: IpProtocol.tcp, name: 'tcp', checksumOffset: TCP_CHECKSUM_OFFSET, numbers: 0x1_0000 },
    encode: ({ source, destination }, number, pseudoHeader) =>
      encodeSyn(source, destination, first + number, pseudoHeader),
    quotedNumber: (transport) => transport.readUInt32BE(4) - first,
    answer(packet, port) {
      const segment = readTcp(packet)
      if (segment?.sourcePort !== port) return undefined
      const number = (segment.acknowledgement - 1 - first) >>> 0
      if ((segment.flags & TcpFlag.rst) !== 0) return { number, arrival: 'closed' }
      const both = TcpFlag.syn | TcpFlag.ack
      return (segment.flags & both) === both ? { number, arrival: 'open' } : undefined
    },
  })
}

/** @throws KernelError EPERM without CAP_NET_RAW; ENETUNREACH and its like when no route leads there */
export function openUdpProber(init: HopProberInit): HopProber {
  return new SegmentProber(init, {
    ...{ protocol: IpProtocol.udp, name: 'udp', checksumOffset: UDP_CHECKSUM_OFFSET, numbers: LENGTHS },
    encode: ({ source, destination }, number, pseudoHeader) =>
      encodeUdp(source, destination, Buffer.alloc(SHORTEST_PAYLOAD + (number % LENGTHS)), pseudoHeader),
    quotedNumber: (transport) => transport.readUInt16BE(4) - 8 - SHORTEST_PAYLOAD,
    answer: (packet, port) =>
      packet.readUInt16BE(0) === port ? { number: undefined, arrival: 'answered' } : undefined,
  })
}

class SegmentProber implements HopProber {
  readonly numbers: number
  readonly #init: HopProberInit
  readonly #kind: Kind
  readonly #family: IpFamily
  readonly #port: ReturnType<typeof reservePort>
  readonly #socket: UnboundRawSocket
  readonly #listener: IcmpListener
  readonly #pseudoHeader: number | undefined

  constructor(init: HopProberInit, kind: Kind) {
    const { namespace, address } = init
    this.#init = init
    this.#kind = kind
    this.numbers = kind.numbers
    this.#family = familyOfAddress(address)
    const source = sourceToward(namespace, address)
    this.#pseudoHeader =
      this.#family === 'ipv4' ? pseudoHeaderSum(source, bareAddress(address), kind.protocol) : undefined
    this.#port = reservePort(namespace, { protocol: kind.name, family: this.#family, port: 0 })
    try {
      this.#socket = UnboundRawSocket.open({
        ...{ namespace, family: this.#family, protocol: kind.protocol, checksumOffset: kind.checksumOffset },
        filter: portFilter(this.#family, this.#port.port),
      })
    } catch (error) {
      this.#port.release()
      throw error
    }
    this.#listener = new IcmpListener(namespace, this.#family, (from, error, at) => this.#object(from, error, at))
    this.#socket.start((packet) => this.#answer(packet))
  }

  send(hops: number, number: number, _size: number, dontFragment: boolean): number {
    const ports = { source: this.#port.port, destination: this.#init.port }
    const bytes = this.#kind.encode(ports, number, this.#pseudoHeader)
    const now = realTime()
    this.#socket.send(bytes, this.#init.address, { hops, dontFragment })
    return now
  }

  close(): void {
    this.#listener.close()
    this.#socket.close()
    this.#port.release()
  }

  #answer({ bytes, source, microseconds }: RawPacket): void {
    const { address, port, heard } = this.#init
    if (source !== bareAddress(address)) return
    const answer = this.#kind.answer(bytes, port)
    if (answer !== undefined) heard({ ...answer, from: source, objection: null, microseconds })
  }

  #object(from: string, error: IcmpError, microseconds: number): void {
    const { quoted } = error
    if (quoted.protocol !== this.#kind.protocol || quoted.destination !== bareAddress(this.#init.address)) return
    if (quotedPorts(quoted)?.source !== this.#port.port || quoted.transport.length < 8) return
    const closed = from === quoted.destination && error.reason === 'port-unreachable'
    this.#init.heard({
      number: this.#kind.quotedNumber(quoted.transport),
      from,
      arrival: closed ? 'closed' : undefined,
      objection: objectionOf(from, error),
      microseconds,
    })
  }
}
