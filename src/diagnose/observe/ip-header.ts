/** IP headers of captured packets. */
import { formatIPv4, formatIPv6 } from '../../kernel/index.ts'
import type { Family } from '../scene/place.ts'

/** EtherTypes that are looked into (linux/if_ether.h). */
export const ETHERTYPE = { ipv4: 0x0800, vlan: 0x8100, ipv6: 0x86dd, arp: 0x0806 } as const

/** What is read of an IP header. */
export interface IpHeader {
  readonly family: Family
  readonly source: string
  readonly destination: string
  readonly protocol: number
  readonly ttl: number
  readonly length: number
  /** Offset of what it carries. */
  readonly payload: number
}

/** RFC 791. Only first fragments have a transport header. */
function readIPv4(bytes: Buffer): IpHeader | undefined {
  if (bytes.length < 20 || bytes[0]! >> 4 !== 4 || (bytes.readUInt16BE(6) & 0x1fff) !== 0) return undefined
  return {
    family: 'ipv4',
    source: formatIPv4(bytes, 12),
    destination: formatIPv4(bytes, 16),
    protocol: bytes[9]!,
    ttl: bytes[8]!,
    length: bytes.readUInt16BE(2),
    payload: (bytes[0]! & 0xf) * 4,
  }
}

/** Extension headers that may stand before the transport header (RFC 8200). */
const EXTENSIONS = new Set([0, 43, 60])
const FRAGMENT = 44

function readIPv6(bytes: Buffer): IpHeader | undefined {
  if (bytes.length < 40 || bytes[0]! >> 4 !== 6) return undefined
  let protocol = bytes[6]!
  let payload = 40
  while (EXTENSIONS.has(protocol) || protocol === FRAGMENT) {
    if (payload + 8 > bytes.length) return undefined
    const length = protocol === FRAGMENT ? 8 : (bytes[payload + 1]! + 1) * 8
    protocol = bytes[payload]!
    payload += length
  }
  return {
    family: 'ipv6',
    source: formatIPv6(bytes, 8),
    destination: formatIPv6(bytes, 24),
    protocol,
    ttl: bytes[7]!,
    length: bytes.readUInt16BE(4) + 40,
    payload,
  }
}

/** The header at the beginning of `bytes`; undefined when there is none, or when it is that of a later fragment. */
export function readIpHeader(bytes: Buffer, etherType: number): IpHeader | undefined {
  if (etherType === ETHERTYPE.ipv4) return readIPv4(bytes)
  return etherType === ETHERTYPE.ipv6 ? readIPv6(bytes) : undefined
}
