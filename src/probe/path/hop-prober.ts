/** What the rounds of a path need of a protocol: packets with a hop limit out, and what is heard of them in. */
import type { NamespaceHandle } from '../../kernel/index.ts'
import type { IcmpObjection } from '../wire/icmp-listener.ts'

/** What was heard about a packet. */
export interface HeardAnswer {
  /** Number that the packet was sent under; undefined when the answer does not tell. */
  readonly number: number | undefined
  readonly from: string
  /** How the destination itself answered; undefined for what others say. */
  readonly arrival: 'echo' | 'open' | 'closed' | 'answered' | undefined
  /** What a router or host said; null for an answer that is no error. */
  readonly objection: IcmpObjection | null
  /** Microseconds of the real-time clock. */
  readonly microseconds: number
}

/** Sends packets of one protocol to one destination. */
export interface HopProber {
  /** How many packets it can tell apart: their numbers are below. */
  readonly numbers: number
  /**
   * Sends a packet that is to die at hop `hops`.
   * @param number below `numbers`; told again by what is heard
   * @param size bytes of the IP packet, as far as the protocol allows
   * @returns when: microseconds of the real-time clock
   * @throws KernelError what the kernel refuses: EMSGSIZE, EPERM, ENETUNREACH, …
   */
  send(hops: number, number: number, size: number, dontFragment: boolean): number
  close(): void
}

/** Where and how packets are sent. */
export interface HopProberInit {
  readonly namespace: NamespaceHandle
  /** Canonical. */
  readonly address: string
  /** Of TCP and UDP. */
  readonly port: number
  heard(answer: HeardAnswer): void
}
