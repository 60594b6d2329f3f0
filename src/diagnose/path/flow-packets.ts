/** The packets of a flow: what asks, and what answers. */
import type { Flow } from './flow.ts'
import { type Packet, Protocol } from './packet.ts'

/** Header of IP, without options. */
const IP_HEADER = { ipv4: 20, ipv6: 40 } as const
/** A SYN with the options that Linux sends (maximum segment size, SACK, time stamps, window scale). */
const SYN = 40
const UDP_HEADER = 8
const ECHO_HEADER = 8
const SYN_FLAG = 2
const ACK_FLAG = 16
const TTL = 64

/** The first packet of a flow; its source is unspecified where the kernel is to choose. */
export function requestOf(flow: Flow): Packet {
  const { family } = flow
  const common = {
    family,
    source: flow.source ?? (family === 'ipv4' ? '0.0.0.0' : '::'),
    destination: flow.destination,
    sourcePort: flow.sourcePort,
    destinationPort: flow.port ?? 0,
    ttl: TTL,
    dontFragment: family === 'ipv4',
    mark: 0,
    frame: undefined,
  }
  const header = IP_HEADER[family]
  if (flow.protocol === 'tcp') {
    return { ...common, protocol: Protocol.tcp, tcpFlags: SYN_FLAG, length: header + SYN }
  }
  if (flow.protocol === 'udp') return { ...common, protocol: Protocol.udp, length: header + UDP_HEADER + flow.size }
  const v4 = family === 'ipv4'
  return {
    ...common,
    destinationPort: 0,
    protocol: v4 ? Protocol.icmp : Protocol.icmpv6,
    icmp: { type: v4 ? 8 : 128, code: 0 },
    length: header + ECHO_HEADER + flow.size,
  }
}

/** What the one who received a packet answers. */
export function replyTo(packet: Packet): Packet {
  const { tcpFlags, icmp, ...rest } = packet
  const turned: Packet = {
    ...rest,
    source: packet.destination,
    destination: packet.source,
    sourcePort: icmp === undefined ? packet.destinationPort : packet.sourcePort,
    destinationPort: icmp === undefined ? packet.sourcePort : 0,
    ttl: TTL,
    mark: 0,
    frame: undefined,
  }
  if (tcpFlags !== undefined) return { ...turned, tcpFlags: SYN_FLAG | ACK_FLAG }
  if (icmp === undefined) return turned
  return { ...turned, icmp: { type: packet.family === 'ipv4' ? 0 : 129, code: 0 } }
}
