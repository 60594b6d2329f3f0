/** Looking into tunnels: a probe's packet is the same inside. */
import { ETHERTYPE, type IpHeader } from './ip-header.ts'

/** A tunnel that a packet was seen in. */
export interface SeenTunnel {
  readonly kind: 'vxlan' | 'geneve' | 'gre' | 'ipip'
  /** VNI of vxlan and geneve. */
  readonly id?: number
  readonly source: string
  readonly destination: string
  /** Of vxlan and geneve. */
  readonly sourcePort?: number
  readonly destinationPort?: number
}

const GRE = 47
const IPIP = 4
const IPV6_IN_IPV4 = 41

/** What a tunnel carries. */
interface TunnelContent {
  readonly bytes: Buffer
  readonly etherType: number
  readonly tunnel: SeenTunnel
}

/** What is inside, when this looks like a tunnel's packet. `payload` begins behind the IP header. */
export function enterTunnel(payload: Buffer, header: IpHeader): TunnelContent | undefined {
  const ends = { source: header.source, destination: header.destination }
  switch (header.protocol) {
    case 17:
      return enterUdp(payload, ends)
    case GRE:
      return enterGre(payload, ends)
    case IPIP:
      return { bytes: payload, etherType: ETHERTYPE.ipv4, tunnel: { kind: 'ipip', ...ends } }
    case IPV6_IN_IPV4:
      return { bytes: payload, etherType: ETHERTYPE.ipv6, tunnel: { kind: 'ipip', ...ends } }
    default:
      return undefined
  }
}

interface TunnelEnds {
  readonly source: string
  readonly destination: string
  readonly sourcePort?: number
  readonly destinationPort?: number
}

function enterUdp(payload: Buffer, ends: TunnelEnds): TunnelContent | undefined {
  if (payload.length < 16) return undefined
  const withPorts = { ...ends, sourcePort: payload.readUInt16BE(0), destinationPort: payload.readUInt16BE(2) }
  return enterVxlan(payload, withPorts) ?? enterGeneve(payload, withPorts)
}

/** RFC 7348: behind the UDP header eight bytes, then an Ethernet frame. Ports differ between users of it, so flags decide. */
function enterVxlan(payload: Buffer, ends: TunnelEnds): TunnelContent | undefined {
  if (payload.length < 30 || (payload[8]! & 0x08) === 0 || payload.readUInt16BE(10) !== 0) return undefined
  const tunnel = { kind: 'vxlan', id: payload.readUIntBE(12, 3), ...ends } as const
  return { bytes: payload.subarray(30), etherType: payload.readUInt16BE(28), tunnel }
}

const GENEVE_PORT = 6081
const ETHERNET_IN_TUNNEL = 0x6558

/** RFC 8926. */
function enterGeneve(payload: Buffer, ends: TunnelEnds): TunnelContent | undefined {
  if (payload.length < 16 || payload.readUInt16BE(2) !== GENEVE_PORT) return undefined
  const tunnel = { kind: 'geneve', id: payload.readUIntBE(12, 3), ...ends } as const
  return withFrame(payload.subarray(16 + (payload[8]! & 0x3f) * 4), payload.readUInt16BE(10), tunnel)
}

/** RFC 2784 and 2890: optional checksum, key and sequence number, four bytes each. */
function enterGre(payload: Buffer, ends: TunnelEnds): TunnelContent | undefined {
  if (payload.length < 4) return undefined
  const flags = payload[0]!
  const options = [0x80, 0x20, 0x10].filter((flag) => (flags & flag) !== 0).length
  return withFrame(payload.subarray(4 + options * 4), payload.readUInt16BE(2), { kind: 'gre', ...ends })
}

function withFrame(bytes: Buffer, etherType: number, tunnel: SeenTunnel): TunnelContent | undefined {
  if (etherType !== ETHERNET_IN_TUNNEL) return { bytes, etherType, tunnel }
  return bytes.length < 14 ? undefined : { bytes: bytes.subarray(14), etherType: bytes.readUInt16BE(12), tunnel }
}
