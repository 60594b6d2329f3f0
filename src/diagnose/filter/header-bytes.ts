/** A packet's headers as the bytes that rules look at, and back. */
import { parseIp, parseMac } from '../../kernel/index.ts'
import { type Packet, Protocol } from '../path/packet.ts'
import { addressText, macText } from './address-text.ts'

/** EtherTypes (IEEE 802 numbers). */
export const EtherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd } as const

/** The headers of one packet. */
export interface HeaderBytes {
  /** Ethernet header; undefined where none is known. */
  readonly link: Buffer | undefined
  /** From the IP (or ARP) header to the end of the transport header. */
  readonly network: Buffer
  /** Offset of the transport header in `network`; the length of `network` when there is none. */
  readonly transport: number
}

const IPV4_HEADER = 20
const IPV6_HEADER = 40
const TCP_HEADER = 20
const DONT_FRAGMENT = 0x4000
/** Characters of six bytes with colons between. */
const MAC_TEXT = 17
const BROADCAST = 'ff:ff:ff:ff:ff:ff'

/** Lays out the headers of a packet. */
export function headerBytes(packet: Packet): HeaderBytes {
  if (packet.arp !== undefined) {
    const network = arpBytes(packet)
    return { link: linkBytes(packet, EtherType.arp), network, transport: network.length }
  }
  const transport = transportBytes(packet)
  const header = packet.family === 'ipv4' ? ipv4Header(packet) : ipv6Header(packet)
  return {
    link: linkBytes(packet, packet.family === 'ipv4' ? EtherType.ipv4 : EtherType.ipv6),
    network: Buffer.concat([header, transport]),
    transport: header.length,
  }
}

function linkBytes({ frame }: Packet, type: number): Buffer | undefined {
  // Tunnels have link layers of other kinds.
  if (frame === undefined || frame.source.length !== MAC_TEXT || frame.destination.length !== MAC_TEXT) return undefined
  const tag =
    frame.vlan === undefined ? [] : [EtherType.vlan >>> 8, EtherType.vlan & 0xff, frame.vlan >>> 8, frame.vlan & 0xff]
  return Buffer.concat([
    parseMac(frame.destination),
    parseMac(frame.source),
    Buffer.from([...tag, type >>> 8, type & 0xff]),
  ])
}

function ipv4Header(packet: Packet): Buffer {
  const bytes = Buffer.alloc(IPV4_HEADER)
  bytes[0] = 0x45
  bytes.writeUInt16BE(packet.length & 0xffff, 2)
  bytes.writeUInt16BE(packet.dontFragment ? DONT_FRAGMENT : 0, 6)
  bytes[8] = packet.ttl
  bytes[9] = packet.protocol
  parseIp(packet.source).copy(bytes, 12)
  parseIp(packet.destination).copy(bytes, 16)
  return bytes
}

function ipv6Header(packet: Packet): Buffer {
  const bytes = Buffer.alloc(IPV6_HEADER)
  bytes[0] = 0x60
  bytes.writeUInt16BE(Math.max(0, packet.length - IPV6_HEADER) & 0xffff, 4)
  bytes[6] = packet.protocol
  bytes[7] = packet.ttl
  parseIp(packet.source).copy(bytes, 8)
  parseIp(packet.destination).copy(bytes, 24)
  return bytes
}

function transportBytes(packet: Packet): Buffer {
  if (packet.protocol === Protocol.tcp) return tcpHeader(packet)
  if (packet.protocol === Protocol.icmp || packet.protocol === Protocol.icmpv6) return icmpHeader(packet)
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16BE(packet.sourcePort, 0)
  bytes.writeUInt16BE(packet.destinationPort, 2)
  bytes.writeUInt16BE(Math.max(8, packet.length - (packet.family === 'ipv4' ? IPV4_HEADER : IPV6_HEADER)) & 0xffff, 4)
  return bytes
}

function tcpHeader(packet: Packet): Buffer {
  const bytes = Buffer.alloc(TCP_HEADER)
  bytes.writeUInt16BE(packet.sourcePort, 0)
  bytes.writeUInt16BE(packet.destinationPort, 2)
  bytes[12] = (TCP_HEADER / 4) << 4
  bytes[13] = packet.tcpFlags ?? 0
  bytes.writeUInt16BE(0xffff, 14)
  return bytes
}

function icmpHeader({ icmp, sourcePort, discovery }: Packet): Buffer {
  const header = Buffer.alloc(8)
  header[0] = icmp?.type ?? 0
  header[1] = icmp?.code ?? 0
  if (discovery === undefined) {
    header.writeUInt16BE(sourcePort, 4)
    return header
  }
  // Source link-layer address 1 in solicitations, target link-layer address 2 in advertisements (RFC 4861 4.6.1).
  const option = Buffer.from([icmp?.type === 136 ? 2 : 1, 1])
  return Buffer.concat([header, parseIp(discovery.target), option, parseMac(discovery.linkLayerAddress)])
}

/** RFC 826, of IPv4 over Ethernet. */
function arpBytes({ arp, source, destination, frame }: Packet): Buffer {
  const operation = arp?.operation === 'reply' ? 2 : 1
  return Buffer.concat([
    Buffer.from([0, 1, EtherType.ipv4 >>> 8, EtherType.ipv4 & 0xff, 6, 4, 0, operation]),
    parseMac(arp?.senderMac ?? frame?.source ?? BROADCAST),
    parseIp(source),
    parseMac(arp?.targetMac ?? '00:00:00:00:00:00'),
    parseIp(destination),
  ])
}

/** What a packet has become when a rule wrote `network` and `link`. */
export function packetOfBytes(packet: Packet, { link, network, transport }: HeaderBytes): Packet {
  const v4 = packet.family === 'ipv4'
  const [source, length] = v4 ? [12, 4] : [8, 16]
  const changed = {
    ...packet,
    source: addressText(network, source, length),
    destination: addressText(network, source + length, length),
    ttl: network[v4 ? 8 : 7]!,
    ...(link === undefined || packet.frame === undefined
      ? {}
      : { frame: { ...packet.frame, destination: macText(link, 0), source: macText(link, 6) } }),
  }
  if (packet.arp !== undefined || (packet.protocol !== Protocol.tcp && packet.protocol !== Protocol.udp)) return changed
  return {
    ...changed,
    sourcePort: network.readUInt16BE(transport),
    destinationPort: network.readUInt16BE(transport + 2),
  }
}
