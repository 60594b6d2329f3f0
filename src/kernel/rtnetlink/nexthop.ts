/** Nexthop objects, which routes and forwarding entries refer to by id: RTM_GETNEXTHOP (ip-nexthop(8), linux/nexthop.h). */
import { ip } from '../netlink/address-value.ts'
import { attribute, attributes, unmarked } from '../netlink/attributes.ts'
import { type MessageOf, messageKind, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/message.ts'
import type { NetlinkSocket, Request } from '../netlink/socket.ts'
import { flag, pad, raw, repeat, struct, u8, u16, u32, u64 } from '../netlink/value.ts'
import { RouteMessage } from './message-type.ts'

/** struct nhmsg. */
const nexthopHeader = struct({ family: u8, scope: u8, protocol: u8, padding: pad(1), flags: u32 })

/** struct nexthop_grp. The weight is `weightLow` + 256 × `weightHigh` + 1; kernels before 6.12 have the low byte only. */
const member = struct({ id: u32, weightLow: u8, weightHigh: u8, padding: pad(2) })

const resilientGroup = attributes({
  buckets: attribute(1, u16),
  /** Hundredths of a second, like the other times here. */
  idleTimer: attribute(2, u32),
  unbalancedTimer: attribute(3, u32),
  unbalancedTime: attribute(4, u64),
})

/** A nexthop message. */
export const nexthopKind = messageKind(
  nexthopHeader,
  attributes({
    id: attribute(1, u32),
    group: attribute(2, repeat(member)),
    /** 0 multipath, 1 resilient. */
    groupType: attribute(3, u16),
    blackhole: attribute(4, flag),
    outputInterface: attribute(5, u32),
    gateway: attribute(6, ip),
    encapsulationType: attribute(7, u16),
    encapsulation: attribute(8, raw),
    groupsOnly: attribute(9, flag),
    master: attribute(10, u32),
    forwarding: attribute(11, flag),
    resilient: unmarked(12, resilientGroup),
    operationFlags: attribute(14, u32),
  }),
)
/** A nexthop: one way (`outputInterface`, `gateway`), a black hole, or a group of others. */
export type Nexthop = MessageOf<typeof nexthopKind>

/** Nexthop objects of the socket's namespace. */
export function listNexthops(socket: NetlinkSocket): Nexthop[] {
  return socket.dump({
    operation: 'RTM_GETNEXTHOP',
    type: RouteMessage.getNexthop,
    kind: nexthopKind,
    body: {},
    reply: nexthopKind,
  })
}

/** A request that makes a nexthop; EEXIST when the id is taken. */
export function newNexthopRequest(nexthop: Partial<Nexthop>): Request<Nexthop> {
  return {
    operation: `RTM_NEWNEXTHOP ${nexthop.id ?? ''}`.trimEnd(),
    type: RouteMessage.newNexthop,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    kind: nexthopKind,
    body: nexthop,
  }
}

/** A request that deletes a nexthop, and with it the routes that use it. */
export function deleteNexthopRequest(id: number): Request<Nexthop> {
  return { operation: `RTM_DELNEXTHOP ${id}`, type: RouteMessage.deleteNexthop, kind: nexthopKind, body: { id } }
}
