/** Several links as one (drivers/net/bonding; IFLA_BOND_*, linux/if_link.h). Times are milliseconds. */
import { ip, mac } from '../../netlink/address-value.ts'
import { attribute, attributes, listOf, unmarked } from '../../netlink/attributes.ts'
import { s32, u8, u16, u32 } from '../../netlink/value.ts'
import { word } from '../word.ts'

const modes = [
  'balance-rr',
  'active-backup',
  'balance-xor',
  'broadcast',
  '802.3ad',
  'balance-tlb',
  'balance-alb',
] as const
const hashPolicies = ['layer2', 'layer3+4', 'layer2+3', 'encap2+3', 'encap3+4', 'vlan+srcmac'] as const

const aggregator = attributes({
  id: attribute(1, u16),
  ports: attribute(2, u16),
  actorKey: attribute(3, u16),
  partnerKey: attribute(4, u16),
  partnerAddress: attribute(5, mac),
})

/** Settings of a bond; `activePort` and `primary` are interface indexes. */
export const bond = attributes({
  mode: attribute(1, word(u8, modes)),
  activePort: attribute(2, u32),
  miiInterval: attribute(3, u32),
  upDelay: attribute(4, u32),
  downDelay: attribute(5, u32),
  useCarrier: attribute(6, u8),
  arpInterval: attribute(7, u32),
  arpTargets: unmarked(8, listOf(ip)),
  arpValidate: attribute(9, u32),
  arpAllTargets: attribute(10, u32),
  primary: attribute(11, u32),
  primaryReselect: attribute(12, u8),
  failOverMac: attribute(13, u8),
  hashPolicy: attribute(14, word(u8, hashPolicies)),
  resendIgmp: attribute(15, u32),
  peerNotifications: attribute(16, u8),
  allPortsActive: attribute(17, u8),
  minLinks: attribute(18, u32),
  /** Seconds. */
  learningPacketInterval: attribute(19, u32),
  packetsPerPort: attribute(20, u32),
  lacpRate: attribute(21, word(u8, ['slow', 'fast'])),
  aggregatorSelection: attribute(22, word(u8, ['stable', 'bandwidth', 'count'])),
  aggregator: unmarked(23, aggregator),
  actorSystemPriority: attribute(24, u16),
  userPortKey: attribute(25, u16),
  actorSystem: attribute(26, mac),
  dynamicBalancing: attribute(27, u8),
  peerNotificationDelay: attribute(28, u32),
  lacpActive: attribute(29, u8),
  missedMax: attribute(30, u8),
  neighbourTargets: unmarked(31, listOf(ip)),
  coupledControl: attribute(32, u8),
  broadcastNeighbours: attribute(33, u8),
})

/** What a bond knows of one of its ports (IFLA_BOND_SLAVE_*). */
export const bondPort = attributes({
  state: attribute(1, word(u8, ['active', 'backup'])),
  miiStatus: attribute(2, word(u8, ['up', 'going-down', 'down', 'going-back'])),
  linkFailures: attribute(3, u32),
  permAddress: attribute(4, mac),
  queueId: attribute(5, u16),
  aggregatorId: attribute(6, u16),
  actorState: attribute(7, u8),
  partnerState: attribute(8, u16),
  priority: attribute(9, s32),
  actorPriority: attribute(10, u16),
  actorChurn: attribute(11, u8),
  partnerChurn: attribute(12, u8),
})
