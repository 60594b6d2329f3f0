/** Hearing the ICMP errors that a namespace gets, to say who refused a packet, and why. */
import { hasCode, type NamespaceHandle, type RawPacket, UnboundRawSocket } from '../../kernel/index.ts'
import { bareAddress, type IpFamily } from './address.ts'
import { icmpFilter } from './filters.ts'
import { type IcmpError, type IcmpReason, IpProtocol, quotedPorts, readIcmp } from './icmp.ts'

/** Who said that a packet does not arrive, and why. */
export interface IcmpObjection {
  /** Address of the router or host that said so; our own when there is no neighbour of that address. */
  readonly from: string
  readonly reason: IcmpReason
  /** Of the next link, where it is too narrow. */
  readonly mtu: number | null
}

/** The objection that an error is. */
export function objectionOf(from: string, error: IcmpError): IcmpObjection {
  return { from, reason: error.reason, mtu: error.mtu ?? null }
}

/**
 * Told of an error. The quoted bytes are valid during the call.
 * @param microseconds when the kernel took it in, of the real-time clock
 */
export type HearError = (from: string, error: IcmpError, microseconds: number) => void

/** An open ear. Close it when done. */
export class IcmpListener {
  readonly #socket: UnboundRawSocket | undefined
  readonly #family: IpFamily
  readonly #hear: HearError

  /** @param hear told of every error, also of those about other programs' packets */
  constructor(namespace: NamespaceHandle, family: IpFamily, hear: HearError) {
    this.#family = family
    this.#hear = hear
    this.#socket = openIfAllowed(namespace, family)
    this.#socket?.start(this.#visit)
  }

  readonly #visit = ({ bytes, source, microseconds }: RawPacket): void => {
    const message = readIcmp(this.#family, bytes)
    if (message?.kind === 'error') this.#hear(source, message, microseconds)
  }

  /** Hears what has arrived by now. */
  drain(): void {
    this.#socket?.drain(this.#visit)
  }

  close(): void {
    this.#socket?.close()
  }
}

/** Without the right to hear, a probe still works: it cannot say who objected. */
function openIfAllowed(namespace: NamespaceHandle, family: IpFamily): UnboundRawSocket | undefined {
  const protocol = family === 'ipv4' ? IpProtocol.icmp : IpProtocol.icmpv6
  try {
    return UnboundRawSocket.open({ namespace, family, protocol, filter: icmpFilter(family) })
  } catch (error) {
    if (hasCode(error, 'EPERM', 'EACCES')) return undefined
    throw error
  }
}

/** True when an error is about a packet of `protocol` to this port of this address. */
export function isAbout(error: IcmpError, protocol: number, address: string, port: number): boolean {
  const { quoted } = error
  if (quoted.protocol !== protocol || quoted.destination !== bareAddress(address)) return false
  return quotedPorts(quoted)?.destination === port
}
