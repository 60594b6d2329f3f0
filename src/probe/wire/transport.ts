/** Headers of TCP (RFC 9293) and UDP (RFC 768) as probes send and read them. */
import { segmentChecksum } from './checksum.ts'

/** Flags of a TCP segment. */
export const TcpFlag = { fin: 1, syn: 2, rst: 4, ack: 16 } as const

/** What a probe reads of a segment. */
export interface TcpHeader {
  readonly sourcePort: number
  readonly destinationPort: number
  readonly sequence: number
  readonly acknowledgement: number
  readonly flags: number
}

/** Offset of the checksum in a segment, for kernels that write it (IPv6). */
export const TCP_CHECKSUM_OFFSET = 16
/** Offset of the checksum in a datagram. */
export const UDP_CHECKSUM_OFFSET = 6

const MAXIMUM_SEGMENT_SIZE = 1460
const WINDOW = 64_240

/** A SYN, with the usual maximum segment size as its only option: some filters take one without any for an attack. */
export function encodeSyn(
  sourcePort: number,
  destinationPort: number,
  sequence: number,
  pseudoHeader: number | undefined,
): Buffer {
  const bytes = Buffer.alloc(24)
  bytes.writeUInt16BE(sourcePort, 0)
  bytes.writeUInt16BE(destinationPort, 2)
  bytes.writeUInt32BE(sequence, 4)
  bytes[12] = (bytes.length / 4) << 4
  bytes[13] = TcpFlag.syn
  bytes.writeUInt16BE(WINDOW, 14)
  bytes[20] = 2
  bytes[21] = 4
  bytes.writeUInt16BE(MAXIMUM_SEGMENT_SIZE, 22)
  if (pseudoHeader !== undefined) bytes.writeUInt16BE(segmentChecksum(bytes, pseudoHeader), TCP_CHECKSUM_OFFSET)
  return bytes
}

/** A segment's header; undefined when it is cut short. */
export function readTcp(bytes: Buffer): TcpHeader | undefined {
  if (bytes.length < 20) return undefined
  return {
    sourcePort: bytes.readUInt16BE(0),
    destinationPort: bytes.readUInt16BE(2),
    sequence: bytes.readUInt32BE(4),
    acknowledgement: bytes.readUInt32BE(8),
    flags: bytes[13]!,
  }
}

/** A datagram. */
export function encodeUdp(
  sourcePort: number,
  destinationPort: number,
  payload: Uint8Array,
  pseudoHeader: number | undefined,
): Buffer {
  const bytes = Buffer.alloc(8 + payload.length)
  bytes.writeUInt16BE(sourcePort, 0)
  bytes.writeUInt16BE(destinationPort, 2)
  bytes.writeUInt16BE(bytes.length, 4)
  bytes.set(payload, 8)
  if (pseudoHeader !== undefined) {
    // Zero means that there is no checksum; its other form in ones' complement says the same sum.
    bytes.writeUInt16BE(segmentChecksum(bytes, pseudoHeader) || 0xffff, UDP_CHECKSUM_OFFSET)
  }
  return bytes
}
