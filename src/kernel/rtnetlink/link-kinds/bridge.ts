/** A learning switch (net/bridge; IFLA_BR_*, linux/if_link.h). Times are in hundredths of a second (USER_HZ). */
import { ip, mac } from '../../netlink/address-value.ts'
import { attribute, attributes, unmarked } from '../../netlink/attributes.ts'
import { be16, flag, struct, u8, u16, u32, u64 } from '../../netlink/value.ts'
import { bridgeId } from './bridge-id.ts'

const querierState = attributes({
  ipv4Address: attribute(1, ip),
  ipv4Port: attribute(2, u32),
  ipv4OtherTimer: attribute(3, u64),
  ipv6Address: attribute(5, ip),
  ipv6Port: attribute(6, u32),
  ipv6OtherTimer: attribute(7, u64),
})

/** Settings and state of a bridge. Yes-or-no settings are 0 and 1; `stpState` 2 is a spanning tree run in user space. */
export const bridge = attributes({
  forwardDelay: attribute(1, u32),
  helloTime: attribute(2, u32),
  maxAge: attribute(3, u32),
  ageingTime: attribute(4, u32),
  stpState: attribute(5, u32),
  priority: attribute(6, u16),
  vlanFiltering: attribute(7, u8),
  vlanProtocol: attribute(8, be16),
  groupForwardMask: attribute(9, u16),
  rootId: attribute(10, bridgeId),
  bridgeId: attribute(11, bridgeId),
  rootPort: attribute(12, u16),
  rootPathCost: attribute(13, u32),
  topologyChange: attribute(14, u8),
  topologyChangeDetected: attribute(15, u8),
  helloTimer: attribute(16, u64),
  tcnTimer: attribute(17, u64),
  topologyChangeTimer: attribute(18, u64),
  gcTimer: attribute(19, u64),
  groupAddress: attribute(20, mac),
  fdbFlush: attribute(21, flag),
  multicastRouter: attribute(22, u8),
  multicastSnooping: attribute(23, u8),
  multicastQueryUseIfaddr: attribute(24, u8),
  multicastQuerier: attribute(25, u8),
  multicastHashElasticity: attribute(26, u32),
  multicastHashMax: attribute(27, u32),
  multicastLastMemberCount: attribute(28, u32),
  multicastStartupQueryCount: attribute(29, u32),
  multicastLastMemberInterval: attribute(30, u64),
  multicastMembershipInterval: attribute(31, u64),
  multicastQuerierInterval: attribute(32, u64),
  multicastQueryInterval: attribute(33, u64),
  multicastQueryResponseInterval: attribute(34, u64),
  multicastStartupQueryInterval: attribute(35, u64),
  nfCallIptables: attribute(36, u8),
  nfCallIp6tables: attribute(37, u8),
  nfCallArptables: attribute(38, u8),
  vlanDefaultPvid: attribute(39, u16),
  vlanStatsEnabled: attribute(41, u8),
  multicastStatsEnabled: attribute(42, u8),
  multicastIgmpVersion: attribute(43, u8),
  multicastMldVersion: attribute(44, u8),
  vlanStatsPerPort: attribute(45, u8),
  /** Bits: 0 no learning from link-local sources, 1 multicast snooping per vlan, 2 multiple spanning trees. */
  multiBoolOptions: attribute(46, struct({ value: u32, mask: u32 })),
  multicastQuerierState: unmarked(47, querierState),
  fdbLearned: attribute(48, u32),
  fdbMaxLearned: attribute(49, u32),
})
