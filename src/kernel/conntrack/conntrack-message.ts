/**
 * Connection tracking on the wire (linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h). Unlike other families, nfnetlink
 * has every number in its attributes in network order.
 */
import { ip } from '../netlink/address-value.ts'
import { attribute, attributes } from '../netlink/attributes.ts'
import { messageKind } from '../netlink/message.ts'
import { be16, be32, be64, raw, string, struct, u8 } from '../netlink/value.ts'

/** Messages of the connection table: NFNL_SUBSYS_CTNETLINK in the upper byte, IPCTNL_MSG_CT_* in the lower. */
export const ConntrackMessage = {
  new: 0x100,
  get: 0x101,
  delete: 0x102,
  statisticsPerCpu: 0x104,
  statistics: 0x105,
} as const

/** `struct nfgenmsg`, which every nfnetlink message begins with. Family 0 means any. */
const nfnetlinkHeader = struct({ family: u8, version: u8, resource: be16 })

/** CTA_TUPLE_*: one direction of a flow. */
export const conntrackTuple = attributes({
  ip: attribute(
    1,
    attributes({
      sourceV4: attribute(1, ip),
      destinationV4: attribute(2, ip),
      sourceV6: attribute(3, ip),
      destinationV6: attribute(4, ip),
    }),
  ),
  protocol: attribute(
    2,
    attributes({
      number: attribute(1, u8),
      sourcePort: attribute(2, be16),
      destinationPort: attribute(3, be16),
      icmpId: attribute(4, be16),
      icmpType: attribute(5, u8),
      icmpCode: attribute(6, u8),
      icmpv6Id: attribute(7, be16),
      icmpv6Type: attribute(8, u8),
      icmpv6Code: attribute(9, u8),
    }),
  ),
  zone: attribute(3, be16),
})

const counters = attributes({ packets: attribute(1, be64), bytes: attribute(2, be64) })

const protocolInfo = attributes({
  tcp: attribute(
    1,
    attributes({
      state: attribute(1, u8),
      windowScaleOriginal: attribute(2, u8),
      windowScaleReply: attribute(3, u8),
      flagsOriginal: attribute(4, raw),
      flagsReply: attribute(5, raw),
    }),
  ),
  dccp: attribute(2, attributes({ state: attribute(1, u8) })),
  sctp: attribute(3, attributes({ state: attribute(1, u8) })),
})

/** CTA_*: one tracked connection. */
export const conntrackEntry = messageKind(
  nfnetlinkHeader,
  attributes({
    original: attribute(1, conntrackTuple),
    reply: attribute(2, conntrackTuple),
    status: attribute(3, be32),
    protocolInfo: attribute(4, protocolInfo),
    helper: attribute(5, attributes({ name: attribute(1, string) })),
    timeout: attribute(7, be32),
    mark: attribute(8, be32),
    countersOriginal: attribute(9, counters),
    countersReply: attribute(10, counters),
    uses: attribute(11, be32),
    id: attribute(12, be32),
    zone: attribute(18, be16),
    timestamp: attribute(20, attributes({ start: attribute(1, be64), stop: attribute(2, be64) })),
    markMask: attribute(21, be32),
    labels: attribute(22, raw),
  }),
)

/** CTA_STATS_GLOBAL_*: how full the table is. */
export const conntrackStatistics = messageKind(
  nfnetlinkHeader,
  attributes({ entries: attribute(1, be32), maximum: attribute(2, be32) }),
)

/** CTA_STATS_*: what one processor counted. */
export const conntrackCpuStatistics = messageKind(
  nfnetlinkHeader,
  attributes({
    found: attribute(2, be32),
    invalid: attribute(4, be32),
    insertFailed: attribute(9, be32),
    drop: attribute(10, be32),
    earlyDrop: attribute(11, be32),
    error: attribute(12, be32),
    searchRestart: attribute(13, be32),
    clashResolved: attribute(14, be32),
    chainTooLong: attribute(15, be32),
  }),
)
