/** A packet on its predicted way. Values are never changed in place: each step makes a new one. */
import type { Family } from '../scene/family.ts'

/** IP protocol numbers that flows have. */
export const Protocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const

/** A frame's link layer. */
export interface FrameHeader {
  readonly source: string
  readonly destination: string
  /** Vlan that it is tagged with. */
  readonly vlan?: number
}

/** What an ARP message says beside the addresses (RFC 826). */
export interface ArpMessage {
  readonly operation: 'request' | 'reply'
  readonly senderMac: string
  /** All zeros in requests. */
  readonly targetMac: string
}

/** What a neighbour solicitation (ICMPv6 type 135) or advertisement (136) is about (RFC 4861). */
export interface NeighbourDiscovery {
  /** Address that is asked for, or told of. */
  readonly target: string
  /** The link-layer address that it carries: the asker's, or that of the target. */
  readonly linkLayerAddress: string
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
  /**
   * Set: not an IP packet but an ARP message, as hooks of the layers `arp` and `bridge` see them. `source` and `destination`
   * are then the IP addresses of its sender and target, `protocol` and the ports are 0.
   */
  readonly arp?: ArpMessage
  /** Of ICMPv6 types 135 and 136. */
  readonly discovery?: NeighbourDiscovery
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
  /** Made by the packet at hand, which has not left yet: rules of source translation are still to be asked about it. */
  readonly unconfirmed?: boolean
}
