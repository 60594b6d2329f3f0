/** SYNs out of a namespace, and what comes back to them. The kernel there ends what a SYN-ACK would begin with a RST of its own. */
import { randomInt } from 'node:crypto'
import {
  type NamespaceHandle,
  type RawPacket,
  type ReservedPort,
  realTime,
  reservePort,
  sourceToward,
  UnboundRawSocket,
} from '../../kernel/index.ts'
import { bareAddress, type IpFamily } from '../wire/address.ts'
import { pseudoHeaderSum } from '../wire/checksum.ts'
import { portFilter } from '../wire/filters.ts'
import { type IcmpError, IpProtocol, quotedPorts } from '../wire/icmp.ts'
import { IcmpListener, type IcmpObjection, objectionOf } from '../wire/icmp-listener.ts'
import { encodeSyn, readTcp, TCP_CHECKSUM_OFFSET, TcpFlag } from '../wire/transport.ts'

/** What is heard. */
export interface SynListener {
  /** @param microseconds of the real-time clock */
  answered(from: string, port: number, state: 'open' | 'closed', microseconds: number): void
  /** Somebody objected to a SYN to this address and port. */
  objected(to: string, port: number, objection: IcmpObjection): void
}

const RECEIVE_BUFFER = 8 * 1024 * 1024

/** The socket. Close it when done. */
export class SynSocket {
  readonly #namespace: NamespaceHandle
  readonly #family: IpFamily
  readonly #listener: SynListener
  readonly #port: ReservedPort
  readonly #socket: UnboundRawSocket
  readonly #errors: IcmpListener
  readonly #sequence = randomInt(0x1_0000_0000)
  readonly #pseudoHeaders = new Map<string, number>()

  /** @throws KernelError EPERM without CAP_NET_RAW */
  constructor(namespace: NamespaceHandle, family: IpFamily, listener: SynListener) {
    this.#namespace = namespace
    this.#family = family
    this.#listener = listener
    this.#port = reservePort(namespace, { protocol: 'tcp', family, port: 0 })
    try {
      this.#socket = UnboundRawSocket.open({
        ...{ namespace, family, protocol: IpProtocol.tcp, checksumOffset: TCP_CHECKSUM_OFFSET },
        ...{ filter: portFilter(family, this.#port.port), receiveBuffer: RECEIVE_BUFFER },
      })
    } catch (error) {
      this.#port.release()
      throw error
    }
    this.#errors = new IcmpListener(namespace, family, (from, error) => this.#object(from, error))
    this.#socket.start(this.#visit)
  }

  /**
   * @returns when: microseconds of the real-time clock
   * @throws KernelError ENETUNREACH, EHOSTUNREACH, EPERM, EACCES, EINVAL, ENOBUFS
   */
  send(address: string, port: number): number {
    const bytes = encodeSyn(this.#port.port, port, this.#sequence, this.#pseudoHeader(address))
    const now = realTime()
    this.#socket.send(bytes, address)
    return now
  }

  /** Takes in what has arrived by now. */
  drain(): void {
    this.#socket.drain(this.#visit)
    this.#errors.drain()
  }

  close(): void {
    this.#errors.close()
    this.#socket.close()
    this.#port.release()
  }

  /** Of IPv6 the kernel writes the checksum. */
  #pseudoHeader(address: string): number | undefined {
    if (this.#family === 'ipv6') return undefined
    let sum = this.#pseudoHeaders.get(address)
    if (sum === undefined) {
      sum = pseudoHeaderSum(sourceToward(this.#namespace, address), address, IpProtocol.tcp)
      this.#pseudoHeaders.set(address, sum)
    }
    return sum
  }

  readonly #visit = ({ bytes, source, microseconds }: RawPacket): void => {
    const segment = readTcp(bytes)
    if (segment === undefined || segment.acknowledgement !== (this.#sequence + 1) >>> 0) return
    const both = TcpFlag.syn | TcpFlag.ack
    if ((segment.flags & TcpFlag.rst) !== 0) this.#listener.answered(source, segment.sourcePort, 'closed', microseconds)
    else if ((segment.flags & both) === both) {
      this.#listener.answered(source, segment.sourcePort, 'open', microseconds)
    }
  }

  #object(from: string, error: IcmpError): void {
    const ports = quotedPorts(error.quoted)
    if (error.quoted.protocol !== IpProtocol.tcp || ports?.source !== this.#port.port) return
    this.#listener.objected(bareAddress(error.quoted.destination), ports.destination, objectionOf(from, error))
  }
}
