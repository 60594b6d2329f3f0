/**
 * Attributes of every kind of expression that rules of nf_tables are made of (linux/netfilter/nf_tables.h). Numbers are in
 * network order, as everywhere in nfnetlink. Registers are numbered as the kernel does: 0 is the verdict, 1 to 4 are the old
 * ones of 16 bytes, 8 to 23 the same bytes in words of four.
 */
import { attribute, attributes } from '../netlink/attributes.ts'
import { be16, be32, be64, raw, string, u8 } from '../netlink/value.ts'
import { word } from '../rtnetlink/word.ts'
import { nfData } from './nf-data.ts'

/** Keys of `meta` in the order of enum nft_meta_keys, as nft(8) calls them. */
const metaKeys = [
  'length',
  'protocol',
  'priority',
  'mark',
  'iif',
  'oif',
  'iifname',
  'oifname',
  'iiftype',
  'oiftype',
  'skuid',
  'skgid',
  'nftrace',
  'rtclassid',
  'secmark',
  'nfproto',
  'l4proto',
  'ibrname',
  'obrname',
  'pkttype',
  'cpu',
  'iifgroup',
  'oifgroup',
  'cgroup',
  'random',
  'ipsec',
  'iifkind',
  'oifkind',
  'ibrpvid',
  'ibrvproto',
  'time',
  'day',
  'hour',
  'sdif',
  'sdifname',
  'broute',
  'ibrhwaddr',
] as const

/** Keys of `ct` in the order of enum nft_ct_keys. */
const ctKeys = [
  'state',
  'direction',
  'status',
  'mark',
  'secmark',
  'expiration',
  'helper',
  'l3proto',
  'saddr',
  'daddr',
  'protocol',
  'proto-src',
  'proto-dst',
  'label',
  'packets',
  'bytes',
  'avgpkt',
  'zone',
  'event',
  'ip saddr',
  'ip daddr',
  'ip6 saddr',
  'ip6 daddr',
  'id',
] as const

const comparisons = ['==', '!=', '<', '<=', '>', '>='] as const
const direction = word(u8, ['original', 'reply'])

/** Tables by the name of the expression; those that hold other expressions are in `expression.ts`. */
export const expressionTables = {
  immediate: attributes({ dreg: attribute(1, be32), data: attribute(2, nfData) }),
  cmp: attributes({ sreg: attribute(1, be32), op: attribute(2, word(be32, comparisons)), data: attribute(3, nfData) }),
  range: attributes({
    sreg: attribute(1, be32),
    op: attribute(2, word(be32, ['==', '!='])),
    from: attribute(3, nfData),
    to: attribute(4, nfData),
  }),
  bitwise: attributes({
    sreg: attribute(1, be32),
    dreg: attribute(2, be32),
    length: attribute(3, be32),
    mask: attribute(4, nfData),
    xor: attribute(5, nfData),
    op: attribute(6, word(be32, ['mask-xor', '<<', '>>', 'and', 'or', 'xor'])),
    data: attribute(7, nfData),
    sreg2: attribute(8, be32),
  }),
  byteorder: attributes({
    sreg: attribute(1, be32),
    dreg: attribute(2, be32),
    op: attribute(3, word(be32, ['ntoh', 'hton'])),
    length: attribute(4, be32),
    size: attribute(5, be32),
  }),
  /** With `sreg` it writes into the packet. */
  payload: attributes({
    dreg: attribute(1, be32),
    base: attribute(2, word(be32, ['link', 'network', 'transport', 'inner', 'tunnel'])),
    offset: attribute(3, be32),
    length: attribute(4, be32),
    sreg: attribute(5, be32),
    checksumType: attribute(6, be32),
    checksumOffset: attribute(7, be32),
    checksumFlags: attribute(8, be32),
  }),
  /** With `sreg` it sets the key. */
  meta: attributes({ dreg: attribute(1, be32), key: attribute(2, word(be32, metaKeys)), sreg: attribute(3, be32) }),
  ct: attributes({
    dreg: attribute(1, be32),
    key: attribute(2, word(be32, ctKeys)),
    direction: attribute(3, direction),
    sreg: attribute(4, be32),
  }),
  rt: attributes({
    dreg: attribute(1, be32),
    key: attribute(2, word(be32, ['classid', 'ip nexthop', 'ip6 nexthop', 'mtu', 'ipsec'])),
  }),
  socket: attributes({
    key: attribute(1, word(be32, ['transparent', 'mark', 'wildcard', 'cgroupv2'])),
    dreg: attribute(2, be32),
    level: attribute(3, be32),
  }),
  fib: attributes({
    dreg: attribute(1, be32),
    result: attribute(2, word(be32, ['', 'oif', 'oifname', 'type'])),
    /** NFTA_FIB_F_*: source 1, destination 2, mark 4, input interface 8, output interface 16, presence alone 32. */
    flags: attribute(3, be32),
  }),
  numgen: attributes({
    dreg: attribute(1, be32),
    modulus: attribute(2, be32),
    type: attribute(3, word(be32, ['inc', 'random'])),
    offset: attribute(4, be32),
  }),
  hash: attributes({
    sreg: attribute(1, be32),
    dreg: attribute(2, be32),
    length: attribute(3, be32),
    modulus: attribute(4, be32),
    seed: attribute(5, be32),
    offset: attribute(6, be32),
    type: attribute(7, word(be32, ['jhash', 'symhash'])),
  }),
  /** With `dreg` the set is a map. Flag 1 inverts. */
  lookup: attributes({
    set: attribute(1, string),
    sreg: attribute(2, be32),
    dreg: attribute(3, be32),
    flags: attribute(5, be32),
  }),
  counter: attributes({ bytes: attribute(1, be64), packets: attribute(2, be64) }),
  /** Flag 1: it matches above the limit. */
  limit: attributes({
    rate: attribute(1, be64),
    unit: attribute(2, be64),
    burst: attribute(3, be32),
    type: attribute(4, word(be32, ['packets', 'bytes'])),
    flags: attribute(5, be32),
  }),
  /** Flag 1: it matches when the quota is used up; 2: it is used up. */
  quota: attributes({ bytes: attribute(1, be64), flags: attribute(2, be32), consumed: attribute(4, be64) }),
  connlimit: attributes({ count: attribute(1, be32), flags: attribute(2, be32) }),
  last: attributes({ set: attribute(1, be32), milliseconds: attribute(2, be64) }),
  log: attributes({
    group: attribute(1, be16),
    prefix: attribute(2, string),
    snapLength: attribute(3, be32),
    threshold: attribute(4, be16),
    level: attribute(5, be32),
    flags: attribute(6, be32),
  }),
  reject: attributes({
    type: attribute(1, word(be32, ['icmp', 'tcp-reset', 'icmpx'])),
    code: attribute(2, u8),
  }),
  nat: attributes({
    type: attribute(1, word(be32, ['snat', 'dnat'])),
    family: attribute(2, be32),
    sregAddressMin: attribute(3, be32),
    sregAddressMax: attribute(4, be32),
    sregPortMin: attribute(5, be32),
    sregPortMax: attribute(6, be32),
    flags: attribute(7, be32),
  }),
  masq: attributes({
    flags: attribute(1, be32),
    sregPortMin: attribute(2, be32),
    sregPortMax: attribute(3, be32),
  }),
  redir: attributes({
    sregPortMin: attribute(1, be32),
    sregPortMax: attribute(2, be32),
    flags: attribute(3, be32),
  }),
  tproxy: attributes({
    family: attribute(1, be32),
    sregAddress: attribute(2, be32),
    sregPort: attribute(3, be32),
  }),
  notrack: attributes({}),
  /** A named object, or with `set` the object that a map has for what is in `sreg`. */
  objref: attributes({
    type: attribute(1, be32),
    name: attribute(2, string),
    sreg: attribute(3, be32),
    set: attribute(4, string),
  }),
  dup: attributes({ sregAddress: attribute(1, be32), sregDevice: attribute(2, be32) }),
  fwd: attributes({
    sregDevice: attribute(1, be32),
    sregAddress: attribute(2, be32),
    family: attribute(3, be32),
  }),
  flow_offload: attributes({ table: attribute(1, string) }),
  synproxy: attributes({ mss: attribute(1, be16), windowScale: attribute(2, u8), flags: attribute(3, be32) }),
  /** With `sreg` it writes. Flag 1: whether the header is there. */
  exthdr: attributes({
    dreg: attribute(1, be32),
    type: attribute(2, u8),
    offset: attribute(3, be32),
    length: attribute(4, be32),
    flags: attribute(5, be32),
    op: attribute(6, word(be32, ['ipv6', 'tcp', 'ipv4', 'sctp', 'dccp'])),
    sreg: attribute(7, be32),
  }),
  osf: attributes({ dreg: attribute(1, be32), ttl: attribute(2, u8), flags: attribute(3, be32) }),
  queue: attributes({
    number: attribute(1, be16),
    total: attribute(2, be16),
    flags: attribute(3, be16),
    sregNumber: attribute(4, be32),
  }),
  xfrm: attributes({
    dreg: attribute(1, be32),
    key: attribute(2, word(be32, ['', 'ip daddr', 'ip6 daddr', 'ip saddr', 'ip6 saddr', 'reqid', 'spi'])),
    direction: attribute(3, u8),
    index: attribute(4, be32),
  }),
  tunnel: attributes({ key: attribute(1, be32), dreg: attribute(2, be32), mode: attribute(3, be32) }),
  /** Extensions of iptables (nft_compat): the same structures that iptables-legacy has (linux/netfilter/xt_*.h). */
  match: attributes({ name: attribute(1, string), revision: attribute(2, be32), info: attribute(3, raw) }),
  target: attributes({ name: attribute(1, string), revision: attribute(2, be32), info: attribute(3, raw) }),
} as const
