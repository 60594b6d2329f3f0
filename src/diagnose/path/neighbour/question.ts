/** Questions for a link-layer address and their answers: ARP (RFC 826) and neighbour discovery (RFC 4861). */
import { BROADCAST_MAC, groupMac, solicitedNodeGroup } from '../addresses.ts'
import { ZERO_MAC } from '../links.ts'
import { type Packet, Protocol } from '../packet.ts'

/** ICMPv6 types. */
const SOLICITATION = 135
const ADVERTISEMENT = 136
const ARP_LENGTH = 28
/** IPv6 header, ICMPv6 header with the target, and one option with a link-layer address. */
const DISCOVERY_LENGTH = 40 + 24 + 8

/** Who asks for what. */
export interface Question {
  readonly target: string
  readonly asker: string
  readonly askerMac: string
}

const empty = { sourcePort: 0, destinationPort: 0, dontFragment: false, mark: 0 } as const

/** The packet that asks. */
export function ask({ target, asker, askerMac }: Question): Packet {
  if (!target.includes(':')) {
    return {
      ...empty,
      family: 'ipv4',
      source: asker,
      destination: target,
      protocol: 0,
      ttl: 0,
      length: ARP_LENGTH,
      arp: { operation: 'request', senderMac: askerMac, targetMac: ZERO_MAC },
      frame: { source: askerMac, destination: BROADCAST_MAC },
    }
  }
  const group = solicitedNodeGroup(target)
  return {
    ...empty,
    family: 'ipv6',
    source: asker,
    destination: group,
    protocol: Protocol.icmpv6,
    icmp: { type: SOLICITATION, code: 0 },
    ttl: 255,
    length: DISCOVERY_LENGTH,
    discovery: { target, linkLayerAddress: askerMac },
    frame: { source: askerMac, destination: groupMac(group) },
  }
}

/** What a packet asks; undefined when it asks nothing. */
export function questionOf(packet: Packet): Question | undefined {
  if (packet.arp?.operation === 'request') {
    return { target: packet.destination, asker: packet.source, askerMac: packet.arp.senderMac }
  }
  if (packet.icmp?.type !== SOLICITATION || packet.discovery === undefined) return undefined
  return { target: packet.discovery.target, asker: packet.source, askerMac: packet.discovery.linkLayerAddress }
}

/** The address and link-layer address that a packet tells; undefined when it answers nothing. */
export function answerOf(packet: Packet): { readonly address: string; readonly mac: string } | undefined {
  if (packet.arp?.operation === 'reply') return { address: packet.source, mac: packet.arp.senderMac }
  if (packet.icmp?.type !== ADVERTISEMENT || packet.discovery === undefined) return undefined
  return { address: packet.discovery.target, mac: packet.discovery.linkLayerAddress }
}

/** The packet that answers: `mac` has the address that was asked for. */
export function answerTo(packet: Packet, mac: string): Packet {
  const question = questionOf(packet)
  if (question === undefined) return packet
  const frame = { source: mac, destination: question.askerMac }
  const turned = { ...packet, source: question.target, destination: question.asker, mark: 0, frame }
  if (packet.arp !== undefined) {
    return { ...turned, arp: { operation: 'reply', senderMac: mac, targetMac: question.askerMac } }
  }
  const discovery = { target: question.target, linkLayerAddress: mac }
  return { ...turned, icmp: { type: ADVERTISEMENT, code: 0 }, ttl: 255, discovery }
}
