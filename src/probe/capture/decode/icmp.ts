/** ICMP (RFC 792) and ICMPv6 (RFC 4443, RFC 4861) as text. */
import type { AddressText } from './address-text.ts'

/** Reasons of "destination unreachable" by code. */
const UNREACHABLE = [
  'network unreachable',
  'host unreachable',
  'protocol unreachable',
  'port unreachable',
  'too big',
  'source route failed',
  'network unknown',
  'host unknown',
  'source isolated',
  'network prohibited',
  'host prohibited',
  'network unreachable for this service',
  'host unreachable for this service',
  'prohibited',
]
const UNREACHABLE_V6 = [
  'no route',
  'prohibited',
  'beyond scope',
  'address unreachable',
  'port unreachable',
  'source address refused',
  'route rejected',
]

/** An ICMP message; `quoted` tells of the packet that an error quotes at a place. */
export function decodeIcmp(
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
  quoted: (from: number) => string,
): string {
  if (end - at < 8) return 'ICMP [cut short]'
  const type = bytes[at]!
  const code = bytes[at + 1]!
  switch (type) {
    case 0:
    case 8:
      return `ICMP echo ${type === 8 ? 'request' : 'reply'} id ${u16(bytes, at + 4)} seq ${u16(bytes, at + 6)} len ${wire}`
    case 3: {
      const mtu = code === 4 ? `, MTU ${u16(bytes, at + 6)}` : ''
      return `ICMP ${UNREACHABLE[code] ?? `unreachable code ${code}`}${mtu}${quoted(at + 8)}`
    }
    case 5:
      return `ICMP redirect to ${bytes[at + 4]}.${bytes[at + 5]}.${bytes[at + 6]}.${bytes[at + 7]}${quoted(at + 8)}`
    case 11:
      return `ICMP time exceeded ${code === 0 ? 'on the way' : 'in reassembly'}${quoted(at + 8)}`
    case 12:
      return `ICMP parameter problem${quoted(at + 8)}`
    default:
      return `ICMP type ${type} code ${code} len ${wire}`
  }
}

/** An ICMPv6 message. */
export function decodeIcmpv6(
  text: AddressText,
  bytes: Uint8Array,
  at: number,
  end: number,
  wire: number,
  quoted: (from: number) => string,
): string {
  if (end - at < 8) return 'ICMPv6 [cut short]'
  const type = bytes[at]!
  const code = bytes[at + 1]!
  switch (type) {
    case 1:
      return `ICMPv6 ${UNREACHABLE_V6[code] ?? `unreachable code ${code}`}${quoted(at + 8)}`
    case 2:
      return `ICMPv6 too big, MTU ${u16(bytes, at + 4) * 65_536 + u16(bytes, at + 6)}${quoted(at + 8)}`
    case 3:
      return `ICMPv6 time exceeded ${code === 0 ? 'on the way' : 'in reassembly'}${quoted(at + 8)}`
    case 4:
      return `ICMPv6 parameter problem${quoted(at + 8)}`
    case 128:
    case 129:
      return `ICMPv6 echo ${type === 128 ? 'request' : 'reply'} id ${u16(bytes, at + 4)} seq ${u16(bytes, at + 6)} len ${wire}`
    case 133:
      return 'ICMPv6 router solicitation'
    case 134:
      return 'ICMPv6 router advertisement'
    case 135:
    case 136:
      return neighbour(text, bytes, at, end, type)
    case 143:
      return 'ICMPv6 multicast listener report'
    default:
      return `ICMPv6 type ${type} code ${code} len ${wire}`
  }
}

function neighbour(text: AddressText, bytes: Uint8Array, at: number, end: number, type: number): string {
  const name = type === 135 ? 'neighbour solicitation: who has' : 'neighbour advertisement:'
  if (end - at < 24) return `ICMPv6 ${name} [cut short]`
  const target = text.ipv6(bytes, at + 8)
  // The first option: source (1) or target (2) link-layer address, of one unit of eight bytes.
  const told = end - at >= 32 && (bytes[at + 24] === 1 || bytes[at + 24] === 2) && bytes[at + 25] === 1
  if (type === 135) return `ICMPv6 ${name} ${target}?${told ? ` tell ${text.mac(bytes, at + 26)}` : ''}`
  return `ICMPv6 ${name} ${target}${told ? ` is at ${text.mac(bytes, at + 26)}` : ''}`
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}
