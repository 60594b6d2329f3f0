/** The resolver of one sandbox: UDP and TCP on 127.0.0.11 within it, served by this process. */
import {
  type Arrival,
  DatagramServer,
  hasCode,
  type NamespaceHandle,
  NftablesMissingError,
} from '../../kernel/index.ts'
import type { Forwarder } from './forwarder.ts'
import { DNS_PORT, RESOLVER_ADDRESS } from './protocol.ts'
import { type ResolverPorts, redirectedPorts, redirectPort53 } from './redirect.ts'
import { FORWARD, type Responder, truncatedFor } from './responder.ts'
import { StreamServer } from './stream-server.ts'

/** Bytes of queries that may wait for this process: some thousands. */
const RECEIVE_BUFFER = 2 << 20

/** Who answers, and where. */
export interface ResolverInit {
  /** Of the sandbox; needed during the call only. */
  readonly namespace: NamespaceHandle
  readonly responder: Responder
  readonly forwarder: Forwarder
  /** How port 53 is led to other ports; by nftables when left out. */
  readonly redirection?: Redirection
}

/** Leads port 53 of a sandbox to the ports of its resolver. */
export interface Redirection {
  /** Where it is led now. */
  find(namespace: NamespaceHandle): ResolverPorts | undefined
  lead(namespace: NamespaceHandle, ports: ResolverPorts): void
}

const byNftables: Redirection = { find: redirectedPorts, lead: redirectPort53 }
const ANY_PORTS: ResolverPorts = { udp: 0, tcp: 0 }
const DIRECT: ResolverPorts = { udp: DNS_PORT, tcp: DNS_PORT }

interface Servers {
  readonly datagrams: DatagramServer
  readonly streams: StreamServer
}

/** A resolver at work. */
export class Resolver {
  readonly #responder: Responder
  readonly #forwarder: Forwarder
  readonly #datagrams: DatagramServer
  readonly #streams: StreamServer

  /**
   * Begins to answer. When nftables is not to be had, port 53 itself is taken.
   * @throws KernelError EADDRINUSE when it has to and something else holds it; EPERM
   * @throws NftablesError when the kernel refuses the redirection
   */
  constructor({ namespace, responder, forwarder, redirection = byNftables }: ResolverInit) {
    this.#responder = responder
    this.#forwarder = forwarder
    const { datagrams, streams } = this.#open(namespace, redirection)
    this.#datagrams = datagrams
    this.#streams = streams
  }

  #open(namespace: NamespaceHandle, redirection: Redirection): Servers {
    let servers: Servers | undefined
    try {
      const led = redirection.find(namespace)
      servers = led === undefined ? undefined : this.#takeOver(namespace, led)
      if (servers !== undefined) return servers
      servers = this.#openAt(namespace, ANY_PORTS)
      redirection.lead(namespace, { udp: servers.datagrams.port, tcp: servers.streams.port })
      return servers
    } catch (error) {
      servers?.datagrams.close()
      servers?.streams.close()
      if (lacksNftables(error)) return this.#openAt(namespace, DIRECT)
      throw error
    }
  }

  /** Listens on the ports of the process before this one, unless somebody else has taken them. */
  #takeOver(namespace: NamespaceHandle, ports: ResolverPorts): Servers | undefined {
    try {
      return this.#openAt(namespace, ports)
    } catch (error) {
      if (hasCode(error, 'EADDRINUSE')) return undefined
      throw error
    }
  }

  #openAt(namespace: NamespaceHandle, ports: ResolverPorts): Servers {
    const place = { namespace, address: RESOLVER_ADDRESS }
    const answer = (arrival: Arrival): number => this.#answerDatagram(arrival)
    const datagrams = new DatagramServer({ ...place, port: ports.udp, answer, receiveBuffer: RECEIVE_BUFFER })
    try {
      const streams = new StreamServer({ ...place, port: ports.tcp }, (message) => this.#answerMessage(message))
      return { datagrams, streams }
    } catch (error) {
      datagrams.close()
      throw error
    }
  }

  close(): void {
    this.#datagrams.close()
    this.#streams.close()
  }

  #answerDatagram(arrival: Arrival): number {
    const { bytes, start, length } = arrival
    const answer = this.#responder.answerDatagram(bytes, start, length, arrival.end)
    if (answer !== FORWARD) return answer
    const query = Buffer.from(bytes.subarray(start, start + length))
    const client = arrival.sender()
    void this.#forwarder.forward(query, 'udp').then((forwarded) => {
      if (forwarded !== undefined) this.#datagrams.send(truncatedFor(query, forwarded), client)
    })
    return 0
  }

  #answerMessage(message: Buffer): Promise<Buffer | undefined> | Buffer | undefined {
    const answer = this.#responder.answerMessage(message)
    return answer === FORWARD ? this.#forwarder.forward(message, 'tcp') : answer
  }
}

/** The kernel or the machine has no nftables. */
function lacksNftables(error: unknown): boolean {
  return error instanceof NftablesMissingError || hasCode(error, 'EPROTONOSUPPORT', 'EOPNOTSUPP')
}
