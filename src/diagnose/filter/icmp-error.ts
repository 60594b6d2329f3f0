/** ICMP messages as connection tracking sees them. */
import { type Packet, Protocol } from '../path/packet.ts'

/** Unreachable, source quench, redirect, time exceeded, parameter problem (RFC 792). */
const errors = new Set([3, 4, 5, 11, 12])
/** Unreachable, too big, time exceeded, parameter problem (RFC 4443): all below 5. */
const LAST_ICMPV6_ERROR = 4

/** Whether a packet tells of trouble with another one, whose flow it then belongs to. */
export function isIcmpError({ protocol, icmp }: Packet): boolean {
  if (icmp === undefined) return false
  if (protocol === Protocol.icmp) return errors.has(icmp.type)
  return protocol === Protocol.icmpv6 && icmp.type >= 1 && icmp.type <= LAST_ICMPV6_ERROR
}
