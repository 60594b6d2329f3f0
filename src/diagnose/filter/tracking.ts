/** Connection tracking at the hooks where packets enter a namespace or are made in it (net/netfilter/nf_conntrack_core.c). */
import { type FlowTuple, type Packet, Protocol, type TrackedFlow } from '../path/packet.ts'
import { isIcmpError } from './icmp-error.ts'
import type { Passage } from './passage.ts'

/** Makes the flow that a packet begins, unless it is one that no flow begins with. */
export function track(passage: Passage): void {
  if (passage.flow !== undefined) return
  const { packet } = passage
  if (isNeighbourDiscovery(packet)) passage.flow = untrackedFlow(packet)
  else if (beginsFlow(packet)) {
    passage.flow = { ...newFlow(packet, passage.zone), unconfirmed: true }
    passage.isFirst = true
  }
}

/** The packet leaves: its flow is in the table from now on. */
export function confirm(passage: Passage): void {
  if (passage.flow?.unconfirmed !== true) return
  const { unconfirmed: _, ...flow } = passage.flow
  passage.flow = flow
}

/** A flow that a rule keeps out of the table. */
export function untrackedFlow(packet: Packet): TrackedFlow {
  return { ...newFlow(packet, 0), untracked: true }
}

function newFlow(packet: Packet, zone: number): TrackedFlow {
  const original = tupleOf(packet)
  return {
    original,
    reply: turnedRound(original, packet.protocol),
    mark: 0,
    zone,
    answered: false,
    untracked: false,
    sourceTranslated: false,
    destinationTranslated: false,
  }
}

function tupleOf({ source, destination, sourcePort, destinationPort }: Packet): FlowTuple {
  return { source, destination, sourcePort, destinationPort }
}

/** The tuple of the answer. An echo's answer has the same identifier. */
function turnedRound(tuple: FlowTuple, protocol: number): FlowTuple {
  const { source: destination, destination: source } = tuple
  if (protocol === Protocol.icmp || protocol === Protocol.icmpv6) return { ...tuple, source, destination }
  return { source, destination, sourcePort: tuple.destinationPort, destinationPort: tuple.sourcePort }
}

/** Echo, timestamp, information and address mask requests (nf_conntrack_proto_icmp.c). */
const icmpRequests = new Set([8, 13, 15, 17])
/** Echo and node information requests (nf_conntrack_proto_icmpv6.c). */
const icmpv6Requests = new Set([128, 139])
/** Multicast listeners, routers and neighbours: never tracked (same file). */
const neverTracked = new Set([130, 131, 132, 133, 134, 135, 136, 143])

const SYN = 2
const RST = 4
const FIN = 1
const ACK = 16

function beginsFlow(packet: Packet): boolean {
  const { protocol, icmp, tcpFlags = SYN } = packet
  if (packet.arp !== undefined || isIcmpError(packet)) return false
  if (protocol === Protocol.icmp) return icmp === undefined || icmpRequests.has(icmp.type)
  if (protocol === Protocol.icmpv6) return icmp === undefined || icmpv6Requests.has(icmp.type)
  if (protocol !== Protocol.tcp || (tcpFlags & (SYN | ACK)) === SYN) return true
  // In the midst of a connection it is taken over (nf_conntrack_tcp_loose), but not at an answer or at the end.
  return (tcpFlags & (SYN | RST | FIN)) === 0 && (tcpFlags & ACK) !== 0
}

function isNeighbourDiscovery({ protocol, icmp }: Packet): boolean {
  return protocol === Protocol.icmpv6 && icmp !== undefined && neverTracked.has(icmp.type)
}
