/**
 * What a frame says, in one line: addresses, ports, and what matters of each protocol. Bytes are foreign matter: everything
 * is bounds-checked, nesting is bounded, names are escaped, and nothing makes it throw.
 */
import { LinkType } from '../link-type.ts'
import { AddressText } from './address-text.ts'
import { decodeArp } from './arp.ts'
import { decodeDhcp } from './dhcp.ts'
import { decodeDns } from './dns.ts'
import { decodeIcmp, decodeIcmpv6 } from './icmp.ts'
import { TcpText } from './tcp.ts'
import { trafficLabel } from './traffic-label.ts'

/** Headers within headers that are followed. */
const DEEPEST = 6
/** What stands where a frame ends too early. */
export const CUT = '[cut short]'

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  2: 'IGMP',
  50: 'ESP',
  51: 'AH',
  88: 'EIGRP',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  132: 'SCTP',
}
const ETHER_TYPES: Readonly<Record<number, string>> = {
  34887: 'MPLS',
  34915: 'PPPoE discovery',
  34916: 'PPPoE',
  34958: 'EAPOL',
  35020: 'LLDP',
  35045: 'MACsec',
  36864: 'loopback test',
}
const VXLAN_PORTS = [4789, 8472]
const GENEVE_PORT = 6081
const DNS_PORTS = [53, 5353, 5355]

/** Turns frames into lines; remembers connections, to count their sequence numbers from 0. */
export class LineDecoder {
  readonly #text = new AddressText()
  readonly #tcp = new TcpText()

  /** A frame that stands in `bytes` from `at` up to `end`; `wire` is its length before it was cut. */
  frame(bytes: Uint8Array, at: number, end: number, linkType: number, wire = end - at): string {
    switch (linkType) {
      case LinkType.ethernet:
        return this.#ethernet(bytes, at, end, wire, 0)
      case LinkType.rawIp:
      case LinkType.rawIpv4:
      case LinkType.rawIpv6:
        return this.ip(bytes, at, end, 0)
      case LinkType.linuxCooked:
        return end - at < 16 ? CUT : this.#etherType(bytes, at + 16, end, u16(bytes, at + 14), wire - 16, 0)
      case LinkType.linuxCooked2:
        return end - at < 20 ? CUT : this.#etherType(bytes, at + 20, end, u16(bytes, at), wire - 20, 0)
      default:
        return `link type ${linkType}, ${wire} bytes`
    }
  }

  /** An IPv4 or IPv6 packet, whichever its version says. */
  ip(bytes: Uint8Array, at: number, end: number, depth: number): string {
    if (at >= end) return CUT
    const version = bytes[at]! >> 4
    if (version === 4) return this.#ipv4(bytes, at, end, depth)
    if (version === 6) return this.#ipv6(bytes, at, end, depth)
    return `IP of version ${version}, ${end - at} bytes`
  }

  #ethernet(bytes: Uint8Array, at: number, end: number, wire: number, depth: number): string {
    if (end - at < 14) return CUT
    const type = u16(bytes, at + 12)
    if (type >= 0x600) return this.#etherType(bytes, at + 14, end, type, wire - 14, depth, at)
    const isBpdu = end - at >= 17 && bytes[at + 14] === 0x42 && bytes[at + 15] === 0x42
    const route = `${this.#text.mac(bytes, at + 6)} > ${this.#text.mac(bytes, at)}`
    return isBpdu ? `${route} STP` : `${route} LLC length ${type}`
  }

  #etherType(
    bytes: Uint8Array,
    at: number,
    end: number,
    type: number,
    wire: number,
    depth: number,
    ethernet = -1,
  ): string {
    switch (type) {
      case 0x0800:
        return at < end && bytes[at]! >> 4 === 4 ? this.#ipv4(bytes, at, end, depth) : `IPv4 ${CUT}`
      case 0x86dd:
        return at < end && bytes[at]! >> 4 === 6 ? this.#ipv6(bytes, at, end, depth) : `IPv6 ${CUT}`
      case 0x0806:
        return decodeArp(this.#text, bytes, at, end)
      case 0x8100:
      case 0x88a8: {
        if (end - at < 4 || depth >= DEEPEST) return CUT
        const inner = this.#etherType(bytes, at + 4, end, u16(bytes, at + 2), wire - 4, depth + 1, ethernet)
        return `vlan ${u16(bytes, at) & 0xfff} ${inner}`
      }
      case 0x6558:
        return depth < DEEPEST ? this.#ethernet(bytes, at, end, wire, depth + 1) : CUT
      default: {
        const route = ethernet < 0 ? '' : `${this.#text.mac(bytes, ethernet + 6)} > ${this.#text.mac(bytes, ethernet)} `
        return `${route}${ETHER_TYPES[type] ?? `type 0x${type.toString(16).padStart(4, '0')}`}, ${wire} bytes`
      }
    }
  }

  #ipv4(bytes: Uint8Array, at: number, end: number, depth: number): string {
    const header = (bytes[at]! & 15) * 4
    if (header < 20 || end - at < header) return `IPv4 ${CUT}`
    const total = u16(bytes, at + 2)
    // 0 is what a device that segments, or a packet beyond 64 KiB (BIG TCP), leaves there.
    const wire = total === 0 ? end - at - header : total - header
    const stop = total === 0 ? end : Math.min(end, at + total)
    const source = this.#text.ipv4(bytes, at + 12)
    const destination = this.#text.ipv4(bytes, at + 16)
    const fragment = u16(bytes, at + 6)
    const offset = (fragment & 0x1fff) * 8
    if (offset > 0) {
      const name = PROTOCOL_NAMES[bytes[at + 9]!] ?? protocolName(bytes[at + 9]!)
      return `${source} > ${destination} ${name} fragment at ${offset}, ${wire} bytes${(fragment & 0x2000) !== 0 ? ', more follow' : ''}`
    }
    const text = this.#transport(bytes, at + header, stop, bytes[at + 9]!, source, destination, wire, depth, at + 12, 4)
    return (fragment & 0x2000) === 0 ? text : `${text} (first fragment)`
  }

  #ipv6(bytes: Uint8Array, at: number, end: number, depth: number): string {
    if (end - at < 40) return `IPv6 ${CUT}`
    const payload = u16(bytes, at + 4)
    const source = this.#text.ipv6(bytes, at + 8)
    const destination = this.#text.ipv6(bytes, at + 24)
    const stop = payload === 0 ? end : Math.min(end, at + 40 + payload)
    let next = bytes[at + 6]!
    let here = at + 40
    // Extension headers (RFC 8200, 4): hop-by-hop, routing, fragment, destination options.
    for (let i = 0; i < DEEPEST && (next === 0 || next === 43 || next === 44 || next === 60); i++) {
      if (stop - here < 8) return `${source} > ${destination} ${CUT}`
      if (next === 44 && (u16(bytes, here + 2) & 0xfff8) !== 0) {
        return `${source} > ${destination} ${protocolName(bytes[here]!)} fragment at ${u16(bytes, here + 2) & 0xfff8}, ${stop - here - 8} bytes`
      }
      const length = next === 44 ? 8 : (bytes[here + 1]! + 1) * 8
      next = bytes[here]!
      here += length
    }
    const wire = payload === 0 ? end - here : payload - (here - at - 40)
    return this.#transport(bytes, here, stop, next, source, destination, wire, depth, at + 8, 16)
  }

  #transport(
    bytes: Uint8Array,
    at: number,
    end: number,
    protocol: number,
    source: string,
    destination: string,
    wire: number,
    depth: number,
    addresses: number,
    addressBytes: number,
  ): string {
    switch (protocol) {
      case 6:
        return this.#tcp.line(bytes, at, end, source, destination, wire, addresses, addressBytes)
      case 17:
        return this.#udp(bytes, at, end, source, destination, depth, addressBytes)
      case 1:
        return `${source} > ${destination} ${decodeIcmp(bytes, at, end, wire, (from) => this.#quoted(bytes, from, end, depth))}`
      case 58:
        return `${source} > ${destination} ${decodeIcmpv6(this.#text, bytes, at, end, wire, (from) => this.#quoted(bytes, from, end, depth))}`
      case 4:
      case 41:
        return depth < DEEPEST
          ? `${source} > ${destination} IP in IP: ${this.ip(bytes, at, end, depth + 1)}`
          : `${source} > ${destination} ${CUT}`
      case 47:
        return `${source} > ${destination} ${this.#gre(bytes, at, end, depth)}`
      case 50:
        return `${source} > ${destination} ESP${end - at < 8 ? ` ${CUT}` : ` spi 0x${hex32(bytes, at)} seq ${u32(bytes, at + 4)}`} len ${wire}`
      case 132:
        return end - at < 12
          ? `${source} > ${destination} SCTP ${CUT}`
          : `${end16(source, u16(bytes, at))} > ${end16(destination, u16(bytes, at + 2))} SCTP len ${wire}`
      default:
        return `${source} > ${destination} ${protocolName(protocol)} len ${wire}`
    }
  }

  /** The packet that an ICMP error quotes. */
  #quoted(bytes: Uint8Array, at: number, end: number, depth: number): string {
    return depth < DEEPEST && at < end ? ` for (${this.ip(bytes, at, end, depth + DEEPEST)})` : ''
  }

  #udp(
    bytes: Uint8Array,
    at: number,
    end: number,
    source: string,
    destination: string,
    depth: number,
    addressBytes: number,
  ): string {
    if (end - at < 8) return `${source} > ${destination} UDP ${CUT}`
    const from = u16(bytes, at)
    const to = u16(bytes, at + 2)
    const length = u16(bytes, at + 4)
    const route =
      addressBytes === 4 ? `${source}:${from} > ${destination}:${to}` : `[${source}]:${from} > [${destination}]:${to}`
    const here = at + 8
    if (from < 1024 || to < 1024 || DNS_PORTS.includes(from) || DNS_PORTS.includes(to)) {
      const told = wellKnown(this.#text, bytes, here, end, from, to)
      if (told !== undefined) return `${route} ${told}`
    }
    if (VXLAN_PORTS.includes(to) && depth < DEEPEST && end - here >= 8) {
      const vni = u32(bytes, here + 4) >>> 8
      return `${source} > ${destination} VXLAN ${vni}: ${this.#ethernet(bytes, here + 8, end, end - here - 8, depth + 1)}`
    }
    if (to === GENEVE_PORT && depth < DEEPEST && end - here >= 8) {
      const inner = here + 8 + (bytes[here]! & 0x3f) * 4
      const text = inner > end ? CUT : this.#etherType(bytes, inner, end, u16(bytes, here + 2), end - inner, depth + 1)
      return `${source} > ${destination} Geneve ${u32(bytes, here + 4) >>> 8}: ${text}`
    }
    const label = trafficLabel(bytes, here, end)
    return `${route} UDP len ${length === 0 ? end - here : length - 8}${label}`
  }

  /** Generic Routing Encapsulation (RFC 2784, RFC 2890). */
  #gre(bytes: Uint8Array, at: number, end: number, depth: number): string {
    if (end - at < 4 || depth >= DEEPEST) return `GRE ${CUT}`
    const flags = u16(bytes, at)
    let here = at + 4 + ((flags & 0x8000) !== 0 ? 4 : 0)
    let key = ''
    if ((flags & 0x2000) !== 0) {
      if (end - here < 4) return `GRE ${CUT}`
      key = ` key ${u32(bytes, here)}`
      here += 4
    }
    if ((flags & 0x1000) !== 0) here += 4
    if (here > end) return `GRE ${CUT}`
    return `GRE${key}: ${this.#etherType(bytes, here, end, u16(bytes, at + 2), end - here, depth + 1)}`
  }
}

function wellKnown(
  text: AddressText,
  bytes: Uint8Array,
  at: number,
  end: number,
  from: number,
  to: number,
): string | undefined {
  if (DNS_PORTS.includes(from) || DNS_PORTS.includes(to)) return decodeDns(text, bytes, at, end)
  if ((from === 67 || from === 68) && (to === 67 || to === 68)) return decodeDhcp(text, bytes, at, end)
  return undefined
}

function protocolName(protocol: number): string {
  if (protocol === 6) return 'TCP'
  if (protocol === 17) return 'UDP'
  if (protocol === 1) return 'ICMP'
  if (protocol === 58) return 'ICMPv6'
  return PROTOCOL_NAMES[protocol] ?? `protocol ${protocol}`
}

function end16(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}

function u32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}

function hex32(bytes: Uint8Array, at: number): string {
  return u32(bytes, at).toString(16).padStart(8, '0')
}
