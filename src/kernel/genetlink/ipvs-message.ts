/** IP Virtual Server on the wire (linux/ip_vs.h, generic netlink family `IPVS`). */
import { attribute, attributes } from '../netlink/attributes.ts'
import { be16, raw, s32, string, struct, u8, u16, u32, u64 } from '../netlink/value.ts'
import { genericKind } from './generic-message.ts'

/** IPVS_CMD_* */
export const IpvsCommand = {
  newService: 1,
  setService: 2,
  deleteService: 3,
  getService: 4,
  newDestination: 5,
  setDestination: 6,
  deleteDestination: 7,
  getDestination: 8,
  flush: 17,
} as const

/** IPVS_STATS_ATTR_*, the 64-bit form. */
const statistics = attributes({
  connections: attribute(1, u64),
  packetsIn: attribute(2, u64),
  packetsOut: attribute(3, u64),
  bytesIn: attribute(4, u64),
  bytesOut: attribute(5, u64),
  connectionRate: attribute(6, u64),
  packetRateIn: attribute(7, u64),
  packetRateOut: attribute(8, u64),
  byteRateIn: attribute(9, u64),
  byteRateOut: attribute(10, u64),
})

/** IPVS_SVC_ATTR_*. The 32-bit statistics (10) say nothing that the 64-bit ones do not. */
export const ipvsServiceTable = attributes(
  {
    family: attribute(1, u16),
    protocol: attribute(2, u16),
    address: attribute(3, raw),
    port: attribute(4, be16),
    firewallMark: attribute(5, u32),
    scheduler: attribute(6, string),
    flags: attribute(7, struct({ flags: u32, mask: u32 })),
    timeout: attribute(8, u32),
    // A mask in network order for IPv4, a prefix length in host order for IPv6 (ip_vs_ctl.c).
    netmask: attribute(9, raw),
    persistenceEngine: attribute(11, string),
    statistics: attribute(12, statistics),
  },
  false,
)

/** IPVS_DEST_ATTR_* */
export const ipvsDestinationTable = attributes(
  {
    address: attribute(1, raw),
    port: attribute(2, be16),
    forwarding: attribute(3, u32),
    weight: attribute(4, s32),
    upperThreshold: attribute(5, u32),
    lowerThreshold: attribute(6, u32),
    activeConnections: attribute(7, u32),
    inactiveConnections: attribute(8, u32),
    persistentConnections: attribute(9, u32),
    family: attribute(11, u16),
    statistics: attribute(12, statistics),
    tunnelType: attribute(13, u8),
    tunnelPort: attribute(14, be16),
    tunnelFlags: attribute(15, u16),
  },
  false,
)

/** IPVS_CMD_ATTR_*: every command names a service, a destination, or both. */
export const ipvsKind = genericKind(
  attributes({ service: attribute(1, ipvsServiceTable), destination: attribute(2, ipvsDestinationTable) }),
)
