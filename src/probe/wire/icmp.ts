/** ICMP and ICMPv6 messages (RFC 792, 1191, 4443): echoes to send, and what comes in. */
import { formatIPv4, formatIPv6 } from '../../kernel/index.ts'
import type { IpFamily } from './address.ts'
import { internetChecksum } from './checksum.ts'

/** IP protocol numbers. */
export const IpProtocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58 } as const

/** An echo that came back. */
export interface EchoReply {
  readonly kind: 'echo-reply'
  readonly identifier: number
  readonly sequence: number
  /** A view of the packet. */
  readonly payload: Buffer
}

/** Why a packet did not arrive, as a router or host says it. */
export type IcmpReason =
  | 'network-unreachable'
  | 'host-unreachable'
  | 'protocol-unreachable'
  | 'port-unreachable'
  | 'fragmentation-needed'
  | 'source-route-failed'
  | 'prohibited'
  | 'unreachable'
  | 'time-exceeded'
  | 'reassembly-time-exceeded'
  | 'parameter-problem'
  | 'redirect'
  | 'source-quench'

/** The packet that an error is about, as far as it was sent back. */
export interface QuotedPacket {
  readonly source: string
  readonly destination: string
  readonly protocol: number
  /** From the transport header on: at least the first eight bytes where the sender keeps to the rules. */
  readonly transport: Buffer
}

/** An error about a packet. */
export interface IcmpError {
  readonly kind: 'error'
  readonly reason: IcmpReason
  readonly type: number
  readonly code: number
  /** Of the next link, where it is too narrow. */
  readonly mtu: number | undefined
  readonly quoted: QuotedPacket
}

const ECHO_REQUEST = { ipv4: 8, ipv6: 128 } as const
const ECHO_REPLY = { ipv4: 0, ipv6: 129 } as const
const HEADER_BYTES = 8

/** Reasons of destination unreachable, by code (RFC 792, 1122 §3.2.2.1, 1812 §5.2.7.1). */
const UNREACHABLE_V4: readonly IcmpReason[] = [
  'network-unreachable',
  'host-unreachable',
  'protocol-unreachable',
  'port-unreachable',
  'fragmentation-needed',
  'source-route-failed',
  'network-unreachable',
  'host-unreachable',
  'host-unreachable',
  'prohibited',
  'prohibited',
  'network-unreachable',
  'host-unreachable',
  'prohibited',
  'prohibited',
  'prohibited',
]
/** The same of ICMPv6 (RFC 4443 §3.1). */
const UNREACHABLE_V6: readonly IcmpReason[] = [
  'network-unreachable',
  'prohibited',
  'host-unreachable',
  'host-unreachable',
  'port-unreachable',
  'prohibited',
  'prohibited',
]

/** An echo request. The checksum of ICMPv6 is left to the kernel, which does it for every socket of that protocol. */
export function encodeEcho(family: IpFamily, identifier: number, sequence: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length)
  bytes[0] = ECHO_REQUEST[family]
  bytes.writeUInt16BE(identifier, 4)
  bytes.writeUInt16BE(sequence, 6)
  bytes.set(payload, HEADER_BYTES)
  if (family === 'ipv4') bytes.writeUInt16BE(internetChecksum(bytes), 2)
  return bytes
}

/** What a message says, when it is an echo reply or an error. Undefined for all else, and for what is malformed. */
export function readIcmp(family: IpFamily, bytes: Buffer): EchoReply | IcmpError | undefined {
  if (bytes.length < HEADER_BYTES) return undefined
  if (bytes[0] === ECHO_REPLY[family]) {
    const payload = bytes.subarray(HEADER_BYTES)
    return { kind: 'echo-reply', identifier: bytes.readUInt16BE(4), sequence: bytes.readUInt16BE(6), payload }
  }
  return readError(family, bytes)
}

function readError(family: IpFamily, bytes: Buffer): IcmpError | undefined {
  const [type, code] = [bytes[0]!, bytes[1]!]
  const reason = family === 'ipv4' ? reasonV4(type, code) : reasonV6(type, code)
  const inner = bytes.subarray(HEADER_BYTES)
  const quoted = family === 'ipv4' ? quotedV4(inner) : quotedV6(inner)
  if (reason === undefined || quoted === undefined) return undefined
  const told = reason !== 'fragmentation-needed' ? 0 : family === 'ipv4' ? bytes.readUInt16BE(6) : bytes.readUInt32BE(4)
  return { kind: 'error', reason, type, code, mtu: told === 0 ? undefined : told, quoted }
}

function reasonV4(type: number, code: number): IcmpReason | undefined {
  if (type === 3) return UNREACHABLE_V4[code] ?? 'unreachable'
  if (type === 4) return 'source-quench'
  if (type === 5) return 'redirect'
  if (type === 11) return code === 0 ? 'time-exceeded' : 'reassembly-time-exceeded'
  return type === 12 ? 'parameter-problem' : undefined
}

function reasonV6(type: number, code: number): IcmpReason | undefined {
  if (type === 1) return UNREACHABLE_V6[code] ?? 'unreachable'
  if (type === 2) return 'fragmentation-needed'
  if (type === 3) return code === 0 ? 'time-exceeded' : 'reassembly-time-exceeded'
  return type === 4 ? 'parameter-problem' : undefined
}

function quotedV4(bytes: Buffer): QuotedPacket | undefined {
  const header = (bytes[0] ?? 0) & 0xf
  if (bytes.length < 20 || bytes[0]! >> 4 !== 4 || header < 5 || header * 4 > bytes.length) return undefined
  return {
    source: formatIPv4(bytes, 12),
    destination: formatIPv4(bytes, 16),
    protocol: bytes[9]!,
    transport: bytes.subarray(header * 4),
  }
}

/** Extension headers are not looked through: what probes send has none. */
function quotedV6(bytes: Buffer): QuotedPacket | undefined {
  if (bytes.length < 40 || bytes[0]! >> 4 !== 6) return undefined
  return {
    source: formatIPv6(bytes, 8),
    destination: formatIPv6(bytes, 24),
    protocol: bytes[6]!,
    transport: bytes.subarray(40),
  }
}

/** Identifier and sequence of a quoted echo request; undefined when it is another packet. */
export function quotedEcho(
  quoted: QuotedPacket,
): { readonly identifier: number; readonly sequence: number } | undefined {
  const { protocol, transport } = quoted
  const type =
    protocol === IpProtocol.icmp ? ECHO_REQUEST.ipv4 : protocol === IpProtocol.icmpv6 ? ECHO_REQUEST.ipv6 : -1
  if (transport.length < HEADER_BYTES || transport[0] !== type) return undefined
  return { identifier: transport.readUInt16BE(4), sequence: transport.readUInt16BE(6) }
}

/** Ports of a quoted TCP segment or UDP datagram; undefined when it is another packet. */
export function quotedPorts(
  quoted: QuotedPacket,
): { readonly source: number; readonly destination: number } | undefined {
  const { protocol, transport } = quoted
  if ((protocol !== IpProtocol.tcp && protocol !== IpProtocol.udp) || transport.length < 4) return undefined
  return { source: transport.readUInt16BE(0), destination: transport.readUInt16BE(2) }
}

/** A reason in the words of a sentence: `host unreachable`. */
export function reasonText(reason: IcmpReason): string {
  return reason === 'prohibited' ? 'administratively prohibited' : reason.replaceAll('-', ' ')
}
