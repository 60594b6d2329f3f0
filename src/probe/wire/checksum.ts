/** The Internet's checksum (RFC 1071). */
import { parseIp } from '../../kernel/index.ts'

/** Sum of 16-bit words in ones' complement, not yet inverted; an odd last byte counts as if a zero followed. */
function sum(bytes: Uint8Array, start = 0): number {
  let total = start
  for (let i = 0; i + 1 < bytes.length; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!
  if (bytes.length % 2 === 1) total += bytes.at(-1)! << 8
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16)
  return total
}

/** The checksum of a message whose own checksum field is zero. */
export function internetChecksum(bytes: Uint8Array): number {
  return ~sum(bytes) & 0xffff
}

/** The sum of the pseudo header of TCP and UDP over IPv4 (RFC 9293 §3.1), for many segments between the same two addresses. */
export function pseudoHeaderSum(source: string, destination: string, protocol: number): number {
  return sum(Buffer.concat([parseIp(source), parseIp(destination), Buffer.from([0, protocol])]))
}

/** The checksum of a segment whose own checksum field is zero, on top of its pseudo header's sum. */
export function segmentChecksum(segment: Uint8Array, pseudoHeader: number): number {
  return ~sum(segment, pseudoHeader + segment.length) & 0xffff
}
