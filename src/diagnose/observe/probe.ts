/**
 * The packets that a trace sends. Each carries a token that no translation changes and that can be found again in any
 * packet, also inside a tunnel: as TCP's sequence number, or at the beginning of the payload of ICMP and UDP.
 */
import { randomInt } from 'node:crypto'
import { parseIp } from '../../kernel/index.ts'
import { Protocol } from '../path/packet.ts'
import type { Family } from '../scene/place.ts'

/** What marks the packets of one trace. */
export interface Probe {
  readonly family: Family
  readonly protocol: 'icmp' | 'tcp' | 'udp'
  /** Port of the service; 0 for ICMP. */
  readonly port: number
  /** Source port, or identifier of the echo. */
  readonly sourcePort: number
  /** Bytes of payload. */
  readonly size: number
  /** 24 random bits above 8 zero bits, into which the packet's number goes. */
  readonly token: number
}

/** Bits of a token that are the same in all packets of a trace. */
export const TOKEN_MASK = 0xffffff00
/** Packets that one token can number: each takes two, since TCP answers with the next sequence number. */
export const MOST_PACKETS = 100
/** Bytes that a payload needs to carry the token. */
export const TOKEN_BYTES = 4

const ICMP_HEADER = 8
const TCP_HEADER = 20
const UDP_HEADER = 8

/** A token that no earlier trace had. Never zero, which paddings are made of. */
export function randomToken(): number {
  return (randomInt(1, 1 << 24) << 8) >>> 0
}

/** The token of packet `number`, counted from 0. */
export function tokenOf(probe: Probe, number: number): number {
  return (probe.token | (number * 2)) >>> 0
}

/** IP protocol number of a probe's packets. */
export function protocolNumber({ family, protocol }: Pick<Probe, 'family' | 'protocol'>): number {
  if (protocol === 'icmp') return family === 'ipv4' ? Protocol.icmp : Protocol.icmpv6
  return Protocol[protocol]
}

/** Where the kernel is to write the checksum of IPv6 packets. */
export function checksumOffset({ protocol }: Probe): number {
  if (protocol === 'icmp') return 2
  return protocol === 'tcp' ? 16 : 6
}

/** Addresses that a checksum covers. */
export interface ProbeAddresses {
  readonly source: string
  readonly destination: string
}

/** Packet `number` of a probe, from its transport header on, with its checksum. */
export function probeBytes(probe: Probe, number: number, addresses: ProbeAddresses): Buffer {
  const bytes = transport(probe, number)
  if (probe.family === 'ipv4') writeChecksum(probe, bytes, addresses)
  return bytes
}

function transport(probe: Probe, number: number): Buffer {
  switch (probe.protocol) {
    case 'icmp':
      return echoRequest(probe, number)
    case 'tcp':
      return synchronize(probe, number)
    case 'udp':
      return datagram(probe, number)
  }
}

/** RFC 792, RFC 4443. */
function echoRequest(probe: Probe, number: number): Buffer {
  const bytes = Buffer.alloc(ICMP_HEADER + Math.max(probe.size, TOKEN_BYTES))
  bytes[0] = probe.family === 'ipv4' ? 8 : 128
  bytes.writeUInt16BE(probe.sourcePort, 4)
  bytes.writeUInt16BE(number + 1, 6)
  bytes.writeUInt32BE(tokenOf(probe, number), ICMP_HEADER)
  return bytes
}

/** RFC 9293. Payload in a SYN is legal; a receiver without Fast Open acknowledges the SYN alone. */
function synchronize(probe: Probe, number: number): Buffer {
  const bytes = Buffer.alloc(TCP_HEADER + probe.size)
  bytes.writeUInt16BE(probe.sourcePort, 0)
  bytes.writeUInt16BE(probe.port, 2)
  bytes.writeUInt32BE(tokenOf(probe, number), 4)
  bytes[12] = (TCP_HEADER / 4) << 4
  bytes[13] = 2
  bytes.writeUInt16BE(65_535, 14)
  return bytes
}

/** RFC 768. */
function datagram(probe: Probe, number: number): Buffer {
  const bytes = Buffer.alloc(UDP_HEADER + Math.max(probe.size, TOKEN_BYTES))
  bytes.writeUInt16BE(probe.sourcePort, 0)
  bytes.writeUInt16BE(probe.port, 2)
  bytes.writeUInt16BE(bytes.length, 4)
  bytes.writeUInt32BE(tokenOf(probe, number), UDP_HEADER)
  return bytes
}

function writeChecksum(probe: Probe, bytes: Buffer, { source, destination }: ProbeAddresses): void {
  const pseudo = probe.protocol === 'icmp' ? 0 : pseudoHeaderSum(probe, bytes.length, source, destination)
  const sum = internetChecksum(bytes, pseudo)
  // For UDP zero means that there is none.
  bytes.writeUInt16BE(sum === 0 && probe.protocol === 'udp' ? 0xffff : sum, checksumOffset(probe))
}

function pseudoHeaderSum(probe: Probe, length: number, source: string, destination: string): number {
  const addresses = Buffer.concat([parseIp(source), parseIp(destination)])
  return addressSum(addresses) + protocolNumber(probe) + length
}

function addressSum(bytes: Buffer): number {
  let sum = 0
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at)
  return sum
}

/** RFC 1071, begun with the sum of a pseudo header. */
function internetChecksum(bytes: Buffer, begun: number): number {
  let sum = begun + addressSum(bytes)
  if (bytes.length % 2 === 1) sum += bytes[bytes.length - 1]! << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}
