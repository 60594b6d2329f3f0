/** Route messages (rtnetlink(7), linux/rtnetlink.h) and the numbers in them. */
import { ip } from '../netlink/address-value.ts'
import { attribute, attributes, unmarked } from '../netlink/attributes.ts'
import { type MessageOf, messageKind } from '../netlink/message.ts'
import { be16, raw, s32, string, struct, u8, u16, u32 } from '../netlink/value.ts'
import { routeHops, via } from './next-hops.ts'

/** struct rtmsg. `table` holds numbers below 256 only; the attribute `tableId` has them all. */
const routeHeader = struct({
  family: u8,
  destinationLength: u8,
  sourceLength: u8,
  tos: u8,
  table: u8,
  protocol: u8,
  scope: u8,
  type: u8,
  flags: u32,
})

/** Metrics of a route (RTAX_*): `mtu` and the parameters of TCP; `lock` has bit n set when metric n may not change. */
const metrics = attributes({
  lock: attribute(1, u32),
  mtu: attribute(2, u32),
  window: attribute(3, u32),
  rtt: attribute(4, u32),
  rttVariance: attribute(5, u32),
  slowStartThreshold: attribute(6, u32),
  congestionWindow: attribute(7, u32),
  advertisedMss: attribute(8, u32),
  reordering: attribute(9, u32),
  hopLimit: attribute(10, u32),
  initialWindow: attribute(11, u32),
  features: attribute(12, u32),
  minimumRto: attribute(13, u32),
  initialReceiveWindow: attribute(14, u32),
  quickAck: attribute(15, u32),
  congestionControl: attribute(16, string),
  fastOpenNoCookie: attribute(17, u32),
})

/** struct rta_cacheinfo; `lastUse` and `expires` in hundredths of a second. */
const cacheInfo = struct({
  references: u32,
  lastUse: u32,
  expires: s32,
  error: u32,
  used: u32,
  id: u32,
  timestamp: u32,
  timestampAge: u32,
})

/** A route message. */
export const routeKind = messageKind(
  routeHeader,
  attributes({
    destination: attribute(1, ip),
    source: attribute(2, ip),
    inputInterface: attribute(3, u32),
    outputInterface: attribute(4, u32),
    gateway: attribute(5, ip),
    priority: attribute(6, u32),
    preferredSource: attribute(7, ip),
    metrics: unmarked(8, metrics),
    nextHops: attribute(9, routeHops),
    flow: attribute(11, u32),
    cacheInfo: attribute(12, cacheInfo),
    tableId: attribute(15, u32),
    mark: attribute(16, u32),
    multicastStatistics: attribute(17, raw),
    via: attribute(18, via),
    newDestination: attribute(19, raw),
    preference: attribute(20, u8),
    encapsulationType: attribute(21, u16),
    encapsulation: attribute(22, raw),
    expires: attribute(23, u32),
    uid: attribute(25, u32),
    ttlPropagate: attribute(26, u8),
    ipProtocol: attribute(27, u8),
    sourcePort: attribute(28, be16),
    destinationPort: attribute(29, be16),
    nexthopId: attribute(30, u32),
    flowLabel: attribute(31, u32),
  }),
)
/** A route. A default route has `destinationLength` 0 and no `destination`; `priority` is the metric that people see. */
export type Route = MessageOf<typeof routeKind>

/** What a route does with packets (RTN_*). */
export const RouteType = {
  unspecified: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
} as const

/** Routing tables that every namespace has (RT_TABLE_*). */
export const RouteTable = { unspecified: 0, compat: 252, default: 253, main: 254, local: 255 } as const

/** Who made a route (RTPROT_*). */
export const RouteProtocol = {
  unspecified: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  routerAdvertisement: 9,
  zebra: 11,
  bird: 12,
  dhcp: 16,
  babel: 42,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
} as const

/** How far away a route's destination is (RT_SCOPE_*). */
export const RouteScope = { universe: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const

/** State of a next hop (RTNH_F_*), in `Route.flags` and `RouteHop.flags`. */
export const NextHopFlag = {
  dead: 0x1,
  pervasive: 0x2,
  onLink: 0x4,
  offload: 0x8,
  linkDown: 0x10,
  unresolved: 0x20,
  trap: 0x40,
} as const

/** Flags of a route message (RTM_F_*). */
export const RouteFlag = { cloned: 0x200, prefix: 0x800, lookUpTable: 0x1000, fibMatch: 0x2000 } as const
