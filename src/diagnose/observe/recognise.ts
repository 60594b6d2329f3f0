/** Finding a probe's packets, and what answers them, among what was captured. Bytes from the wire are read with care. */
import { formatIPv4, formatIPv6 } from '../../kernel/index.ts'
import type { Family } from '../scene/place.ts'
import { ETHERTYPE, type IpHeader, readIpHeader } from './ip-header.ts'
import { type Probe, protocolNumber, TOKEN_MASK } from './probe.ts'
import { enterTunnel, type SeenTunnel } from './tunnel.ts'

/** Addresses of a packet as it was seen. */
export interface SeenPacket {
  readonly family: Family
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
  readonly ttl: number
  /** Bytes from the IP header on. */
  readonly length: number
}

/** An ICMP message that says no. */
export interface SeenError {
  readonly from: string
  readonly type: number
  readonly code: number
  /** Of "fragmentation needed" and "packet too big". */
  readonly mtu?: number
}

/** What a captured packet is. */
export type Recognised =
  /** Ours, or the answer to it. `datagram`: UDP, where only the ports tell which of the two. */
  | {
      readonly kind: 'request' | 'reply' | 'reset' | 'datagram'
      /** Which of our packets; undefined where it does not say. */
      readonly number: number | undefined
      readonly packet: SeenPacket
      readonly tunnel: SeenTunnel | undefined
    }
  | {
      readonly kind: 'error'
      readonly number: number | undefined
      readonly error: SeenError
      /** The packet that it is about, as it was where it died. */
      readonly packet: SeenPacket
      readonly tunnel: SeenTunnel | undefined
    }
  /** ARP, or neighbour discovery of IPv6. */
  | { readonly kind: 'solicitation'; readonly target: string; readonly sender: string }
  | { readonly kind: 'advertisement'; readonly target: string }

/** Tunnels in tunnels that are looked into. */
const DEEPEST = 3

/** What a packet is to this probe; undefined when nothing. `bytes` begin with the network header. */
export function recognise(probe: Probe, bytes: Buffer, etherType: number): Recognised | undefined {
  return recogniseWithin(probe, bytes, etherType, undefined, 0)
}

/** The same for a packet without its IP header, as raw sockets of IPv6 give it. */
export function recogniseTransport(probe: Probe, bytes: Buffer, addresses: IpHeader): Recognised | undefined {
  return transport(probe, bytes, addresses, undefined)
}

function recogniseWithin(
  probe: Probe,
  bytes: Buffer,
  etherType: number,
  tunnel: SeenTunnel | undefined,
  depth: number,
): Recognised | undefined {
  if (etherType === ETHERTYPE.vlan && bytes.length >= 4) {
    return recogniseWithin(probe, bytes.subarray(4), bytes.readUInt16BE(2), tunnel, depth)
  }
  if (etherType === ETHERTYPE.arp) return recogniseArp(bytes)
  const header = readIpHeader(bytes, etherType)
  if (header === undefined) return undefined
  const payload = bytes.subarray(header.payload)
  const ours = header.protocol === protocolNumber({ ...probe, family: header.family }) || isIcmp(header)
  const found = ours ? transport(probe, payload, header, tunnel) : undefined
  if (found !== undefined || depth === DEEPEST) return found
  const inner = enterTunnel(payload, header)
  return inner && recogniseWithin(probe, inner.bytes, inner.etherType, tunnel ?? inner.tunnel, depth + 1)
}

/** RFC 826: Ethernet and IPv4. */
function recogniseArp(bytes: Buffer): Recognised | undefined {
  if (bytes.length < 28 || bytes.readUInt16BE(2) !== ETHERTYPE.ipv4) return undefined
  const sender = formatIPv4(bytes, 14)
  return bytes.readUInt16BE(6) === 1
    ? { kind: 'solicitation', target: formatIPv4(bytes, 24), sender }
    : { kind: 'advertisement', target: sender }
}

function isIcmp({ family, protocol }: IpHeader): boolean {
  return protocol === (family === 'ipv4' ? 1 : 58)
}

function transport(
  probe: Probe,
  bytes: Buffer,
  header: IpHeader,
  tunnel: SeenTunnel | undefined,
): Recognised | undefined {
  if (bytes.length < 8) return undefined
  if (isIcmp(header)) return icmp(probe, bytes, header, tunnel)
  if (header.protocol === 6 && probe.protocol === 'tcp') return tcp(probe, bytes, header, tunnel)
  if (header.protocol === 17 && probe.protocol === 'udp') return udp(probe, bytes, header, tunnel)
  return undefined
}

function tcp(probe: Probe, bytes: Buffer, header: IpHeader, tunnel: SeenTunnel | undefined): Recognised | undefined {
  const packet = withPorts(header, bytes)
  const asked = numberOf(probe, bytes.readUInt32BE(4))
  // A packet that an ICMP error quotes may end here, and tells nothing but its sequence number.
  if (bytes.length < 14) return asked === undefined ? undefined : { kind: 'request', number: asked, packet, tunnel }
  const flags = bytes[13]!
  const isSyn = (flags & 0x12) === 0x02
  if (isSyn && asked !== undefined) return { kind: 'request', number: asked, packet, tunnel }
  if ((flags & 0x10) === 0) return undefined
  // A reset acknowledges the payload too (RFC 9293, 3.10.7.1); other answers to a SYN do not.
  const acknowledged = (flags & 0x04) === 0 ? [1] : [1 + probe.size, 1]
  const first = acknowledged.map((count) => numberOf(probe, (bytes.readUInt32BE(8) - count) >>> 0))
  const number = first.find((found) => found !== undefined)
  return number === undefined ? undefined : { kind: (flags & 0x04) === 0 ? 'reply' : 'reset', number, packet, tunnel }
}

function udp(probe: Probe, bytes: Buffer, header: IpHeader, tunnel: SeenTunnel | undefined): Recognised | undefined {
  const packet = withPorts(header, bytes)
  const number = bytes.length < 12 ? undefined : numberOf(probe, bytes.readUInt32BE(8))
  const ports = [packet.sourcePort, packet.destinationPort]
  if (number === undefined && !ports.includes(probe.sourcePort) && !ports.includes(probe.port)) return undefined
  return { kind: 'datagram', number, packet, tunnel }
}

function withPorts({ family, source, destination, ttl, length }: IpHeader, bytes: Buffer): SeenPacket {
  const sourcePort = bytes.readUInt16BE(0)
  return { family, source, destination, ttl, length, sourcePort, destinationPort: bytes.readUInt16BE(2) }
}

/** The number of our packet that has this token; undefined when it has another. */
function numberOf({ token }: Probe, word: number): number | undefined {
  return (word & TOKEN_MASK) >>> 0 === token && (word & 1) === 0 ? (word & 0xff) / 2 : undefined
}

const ECHO = { ipv4: { request: 8, reply: 0 }, ipv6: { request: 128, reply: 129 } } as const

function icmp(probe: Probe, bytes: Buffer, header: IpHeader, tunnel: SeenTunnel | undefined): Recognised | undefined {
  const type = bytes[0]!
  const { request, reply } = ECHO[header.family]
  if (type === request || type === reply) {
    if (probe.protocol !== 'icmp') return undefined
    const number = echoNumber(probe, bytes)
    const { family, source, destination, ttl, length } = header
    const packet = { family, source, destination, ttl, length, sourcePort: bytes.readUInt16BE(4), destinationPort: 0 }
    return number === undefined ? undefined : { kind: type === request ? 'request' : 'reply', number, packet, tunnel }
  }
  if (header.family === 'ipv6' && (type === 135 || type === 136)) return discovery(bytes, header)
  return isError(header.family, type) ? errorAbout(probe, bytes, header, tunnel) : undefined
}

/** Errors may quote no more than identifier and number of an echo. */
function echoNumber(probe: Probe, bytes: Buffer): number | undefined {
  if (bytes.length >= 12) return numberOf(probe, bytes.readUInt32BE(8))
  return bytes.readUInt16BE(4) === probe.sourcePort ? bytes.readUInt16BE(6) - 1 : undefined
}

function isError(family: Family, type: number): boolean {
  return family === 'ipv4' ? type === 3 || type === 11 || type === 12 : type >= 1 && type <= 4
}

/** RFC 4861: who has an address, and who says that he has it. */
function discovery(bytes: Buffer, header: IpHeader): Recognised | undefined {
  if (bytes.length < 24) return undefined
  const target = formatIPv6(bytes, 8)
  return bytes[0] === 135 ? { kind: 'solicitation', target, sender: header.source } : { kind: 'advertisement', target }
}

function errorAbout(
  probe: Probe,
  bytes: Buffer,
  header: IpHeader,
  tunnel: SeenTunnel | undefined,
): Recognised | undefined {
  const quoted = bytes.subarray(8)
  const inner = readIpHeader(quoted, ETHERTYPE[header.family])
  if (inner === undefined || inner.protocol !== protocolNumber({ ...probe, family: inner.family })) return undefined
  const about = transport(probe, quoted.subarray(inner.payload), inner, undefined)
  if (about === undefined || !('packet' in about) || about.kind === 'error') return undefined
  const mtu = header.family === 'ipv4' ? mtuOfIPv4(bytes) : bytes[0] === 2 ? bytes.readUInt32BE(4) : undefined
  const error = { from: header.source, type: bytes[0]!, code: bytes[1]!, ...(mtu === undefined ? {} : { mtu }) }
  return { kind: 'error', number: about.number, error, packet: about.packet, tunnel }
}

function mtuOfIPv4(bytes: Buffer): number | undefined {
  return bytes[0] === 3 && bytes[1] === 4 ? bytes.readUInt16BE(6) : undefined
}
