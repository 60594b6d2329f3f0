/**
 * The attributes that every link has, whatever its kind (IFLA_*, linux/if_link.h). Nested attributes go out unmarked, as
 * the kernel itself sends the older ones; where it insists on the mark the table has it.
 */
import { ip, mac } from '../netlink/address-value.ts'
import { attribute, attributes, many, unmarked } from '../netlink/attributes.ts'
import { raw, repeat, s32, string, struct, u8, u16, u32, uint } from '../netlink/value.ts'
import { linkStatistics } from './link-statistics.ts'
import { word } from './word.ts'

/** RFC 2863 operational states, in the kernel's order (IF_OPER_*, linux/if.h). */
const operstates = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'] as const

const propList = attributes({
  /** Names of up to 127 bytes that the link answers to beside its own. */
  altNames: many(53, string),
})

const protoDownReason = attributes({ mask: attribute(1, u32), value: attribute(2, u32) })

/**
 * Settings of IPv4 on the link, read only: element IPV4_DEVCONF_x − 1 (linux/ip.h) of `conf` is setting x, so element 0 is
 * `forwarding` and element 7 `rp_filter`.
 */
const inet = attributes({ conf: attribute(1, repeat(u32)) })

/** Settings of IPv6 on the link (IFLA_INET6_*); statistics are kept as bytes. */
const inet6 = attributes({
  flags: attribute(1, u32),
  conf: attribute(2, repeat(s32)),
  cacheInfo: attribute(5, struct({ maxReassembly: u32, timestamp: u32, reachableTime: u32, retransmitTime: u32 })),
  token: attribute(7, ip),
  addressGeneration: attribute(8, word(u8, ['eui64', 'none', 'stable-privacy', 'random'])),
  routerMtu: attribute(9, u32),
})

/** Per address family (AF_INET, AF_INET6) settings of a link that was not asked for as a bridge port. */
const familySettings = attributes({ inet: unmarked(2, inet), inet6: unmarked(10, inet6) })

/** Attributes by name. `link` is the index of the other end or parent, in the namespace `linkNetnsid` when that is given. */
export const linkFields = {
  address: attribute(1, mac),
  broadcast: attribute(2, mac),
  name: attribute(3, string),
  mtu: attribute(4, u32),
  link: attribute(5, s32),
  qdisc: attribute(6, string),
  /** The same counters in 32 bits, which wrap. */
  statistics32: attribute(7, raw),
  master: attribute(10, u32),
  txQueueLength: attribute(13, u32),
  map: attribute(14, raw),
  operstate: attribute(16, word(u8, operstates)),
  linkMode: attribute(17, word(u8, ['default', 'dormant', 'testing'])),
  netNsPid: attribute(19, u32),
  alias: attribute(20, string),
  vfCount: attribute(21, u32),
  vfInfo: attribute(22, raw),
  statistics: attribute(23, linkStatistics),
  afSpec: unmarked(26, familySettings),
  group: attribute(27, u32),
  netNsFd: attribute(28, s32),
  extMask: attribute(29, u32),
  promiscuity: attribute(30, u32),
  numTxQueues: attribute(31, u32),
  numRxQueues: attribute(32, u32),
  carrier: attribute(33, u8),
  physPortId: attribute(34, raw),
  carrierChanges: attribute(35, u32),
  physSwitchId: attribute(36, raw),
  linkNetnsid: attribute(37, s32),
  physPortName: attribute(38, string),
  protoDown: attribute(39, u8),
  gsoMaxSegments: attribute(40, u32),
  gsoMaxSize: attribute(41, u32),
  xdp: attribute(43, raw),
  event: attribute(44, u32),
  /** In a deletion event: the id, if it has one here, of the namespace that the link moved to. */
  newNetnsid: attribute(45, s32),
  /** The namespace that a request is about, or an answer came from (IFLA_IF_NETNSID is the same number). */
  targetNetnsid: attribute(46, s32),
  carrierUpCount: attribute(47, u32),
  carrierDownCount: attribute(48, u32),
  newIndex: attribute(49, s32),
  minMtu: attribute(50, u32),
  maxMtu: attribute(51, u32),
  propList: attribute(52, propList),
  altName: attribute(53, string),
  permAddress: attribute(54, mac),
  protoDownReason: unmarked(55, protoDownReason),
  parentDevName: attribute(56, string),
  parentDevBusName: attribute(57, string),
  groMaxSize: attribute(58, u32),
  tsoMaxSize: attribute(59, u32),
  tsoMaxSegments: attribute(60, u32),
  allMulticast: attribute(61, u32),
  devlinkPort: attribute(62, raw),
  gsoIpv4MaxSize: attribute(63, u32),
  groIpv4MaxSize: attribute(64, u32),
  dpllPin: attribute(65, raw),
  maxPacingOffloadHorizon: attribute(66, uint),
  netnsImmutable: attribute(67, u8),
  headroom: attribute(68, u16),
  tailroom: attribute(69, u16),
}
