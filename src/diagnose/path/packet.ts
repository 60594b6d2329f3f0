/** A packet on its predicted way. Values are never changed in place: each step makes a new one. */
import type { Family } from '../scene/place.ts'

/** IP protocol numbers that flows have. */
export const Protocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const

/** A frame's link layer. */
export interface FrameHeader {
  readonly source: string
  readonly destination: string
  /** Vlan that it is tagged with. */
  readonly vlan?: number
}

/** A packet. */
export interface Packet {
  readonly family: Family
  readonly source: string
  readonly destination: string
  /** IP protocol number. */
  readonly protocol: number
  /** Ports; for ICMP echo the identifier is `sourcePort`, and `destinationPort` is 0. */
  readonly sourcePort: number
  readonly destinationPort: number
  /** Of ICMP messages. */
  readonly icmp?: { readonly type: number; readonly code: number }
  /** Of TCP: FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  readonly tcpFlags?: number
  readonly ttl: number
  /** Bytes from the IP header on. */
  readonly length: number
  readonly dontFragment: boolean
  /** The kernel's mark (SO_MARK, meta mark); lost where a packet crosses into another namespace. */
  readonly mark: number
  /** As it was received or will be sent; undefined before a neighbour is known. */
  readonly frame: FrameHeader | undefined
}

/** Addresses and ports of one direction of a flow. */
export interface FlowTuple {
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
}

/** What connection tracking of one namespace knows of a flow. */
export interface TrackedFlow {
  readonly original: FlowTuple
  /** What answers look like when they come in: the inverse of `original` with translations applied. */
  readonly reply: FlowTuple
  readonly mark: number
  readonly zone: number
  /** An answer has been seen. */
  readonly answered: boolean
  /** A rule said `notrack`. */
  readonly untracked: boolean
  readonly sourceTranslated: boolean
  readonly destinationTranslated: boolean
}
