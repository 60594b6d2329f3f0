/**
 * Decoders of the matches that container hosts use (iptables-extensions(8); layouts in linux/netfilter/xt_*.h and
 * linux/netfilter_ipv4/ip_tables.h). Ports are in host order here, unlike in packets.
 */
import { mac } from '../netlink/address-value.ts'
import { readU16, readU32, readU64 } from '../netlink/byte-order.ts'
import { conntrackDecoders } from './conntrack-match.ts'
import { cText } from './entry.ts'
import { headerDecoders } from './header-matches.ts'
import {
  bitNames,
  type ExtensionDecoder,
  type ExtensionDecoders,
  inetAddress,
  markText,
  option,
  optionIf,
  portRange,
} from './options.ts'
import { interfacePattern } from './patterns.ts'
import type { IptablesFamily, IptablesOption } from './rule.ts'

const tcpFlags = [
  [0x01, 'FIN'],
  [0x02, 'SYN'],
  [0x04, 'RST'],
  [0x08, 'PSH'],
  [0x10, 'ACK'],
  [0x20, 'URG'],
] as const

const addressTypes = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
].map((name, bit) => [1 << bit, name] as const)

/** `--sport` and `--dport`, which tcp, udp and sctp have in the same place. The flags are where the caller says. */
function ports(data: Buffer, invertFlags: number): IptablesOption[] {
  const range = (name: string, at: number, bit: number): IptablesOption[] => {
    const [low, high] = [readU16(data, at), readU16(data, at + 2)]
    const inverted = (invertFlags & bit) !== 0
    return optionIf(low !== 0 || high !== 0xffff || inverted, name, () => [portRange(low, high)], inverted)
  }
  return [...range('sport', 0, 1), ...range('dport', 4, 2)]
}

function tcp(data: Buffer): IptablesOption[] {
  const [tcpOption, mask, compare, inverted] = [data[8]!, data[9]!, data[10]!, data[11]!]
  const flags = (bits: number): string => bitNames(bits, tcpFlags) || 'NONE'
  return [
    ...ports(data, inverted),
    ...optionIf(tcpOption !== 0, 'tcp-option', () => [String(tcpOption)], (inverted & 8) !== 0),
    ...optionIf(mask !== 0, 'tcp-flags', () => [flags(mask), flags(compare)], (inverted & 4) !== 0),
  ]
}

/** icmp and icmp6; in icmp, type 255 stands for any. */
function icmp(name: string, anyType: number | undefined): ExtensionDecoder['decode'] {
  return (data) => {
    const [type, low, high] = [data[0]!, data[1]!, data[2]!]
    if (type === anyType) return [option(name, ['any'], (data[3]! & 1) !== 0)]
    const code = low === 0 && high === 0xff ? '' : `/${portRange(low, high, '-')}`
    return [option(name, [`${type}${code}`], (data[3]! & 1) !== 0)]
  }
}

function multiport(data: Buffer): IptablesOption[] {
  const name = ['sports', 'dports', 'ports'][data[0]!] ?? 'ports'
  const parts: string[] = []
  for (let i = 0; i < Math.min(data[1]!, 15); i++) {
    const port = String(readU16(data, 2 + 2 * i))
    // A port whose flag is set opens a range that the next one closes.
    if (i > 0 && data[32 + i - 1] !== 0) parts.push(`${parts.pop()}:${port}`)
    else parts.push(port)
  }
  return [option(name, [parts.join(',')], data[47] !== 0)]
}

function addressType(data: Buffer): IptablesOption[] {
  const [source, destination, flags] = [readU16(data, 0), readU16(data, 2), readU32(data, 4)]
  return [
    ...optionIf(source !== 0, 'src-type', () => [bitNames(source, addressTypes)], (flags & 1) !== 0),
    ...optionIf(destination !== 0, 'dst-type', () => [bitNames(destination, addressTypes)], (flags & 2) !== 0),
    ...optionIf((flags & 4) !== 0, 'limit-iface-in'),
    ...optionIf((flags & 8) !== 0, 'limit-iface-out'),
  ]
}

/** mark and connmark */
function mark(data: Buffer): IptablesOption[] {
  return [option('mark', [markText(readU32(data, 0), readU32(data, 4))], data[8] !== 0)]
}

/** The kernel keeps the time between packets, in ten-thousandths of a second; a person reads packets in a time. */
function limit(data: Buffer): IptablesOption[] {
  const interval = readU32(data, 0)
  const burst = readU32(data, 4)
  const units = [
    ['sec', 10_000],
    ['min', 600_000],
    ['hour', 36_000_000],
    ['day', 864_000_000],
  ] as const
  const [unit, length] =
    units.find(([, length]) => Math.floor(length / Math.floor(length / interval)) === interval) ?? units[3]
  const rate = Math.max(1, Math.floor(length / Math.max(1, interval)))
  return [option('limit', [`${rate}/${unit}`]), ...optionIf(burst !== 5, 'limit-burst', () => [String(burst)])]
}

function physicalDevice(data: Buffer): IptablesOption[] {
  const [inverted, bits] = [data[64]!, data[65]!]
  const part = (at: number): Buffer => data.subarray(at, at + 16)
  const name = (at: number) => (): string[] => [interfacePattern(part(at), part(at + 16)) ?? '+']
  return [
    ...optionIf((bits & 8) !== 0, 'physdev-is-in', undefined, (inverted & 8) !== 0),
    ...optionIf((bits & 1) !== 0, 'physdev-in', name(0), (inverted & 1) !== 0),
    ...optionIf((bits & 16) !== 0, 'physdev-is-out', undefined, (inverted & 16) !== 0),
    ...optionIf((bits & 2) !== 0, 'physdev-out', name(32), (inverted & 2) !== 0),
    ...optionIf((bits & 4) !== 0, 'physdev-is-bridged', undefined, (inverted & 4) !== 0),
  ]
}

function owner(data: Buffer): IptablesOption[] {
  const [bits, inverted] = [data[16]!, data[17]!]
  const range = (at: number) => (): string[] => [portRange(readU32(data, at), readU32(data, at + 4), '-')]
  return [
    ...optionIf((bits & 4) !== 0, 'socket-exists', undefined, (inverted & 4) !== 0),
    ...optionIf((bits & 1) !== 0, 'uid-owner', range(0), (inverted & 1) !== 0),
    ...optionIf((bits & 2) !== 0, 'gid-owner', range(8), (inverted & 2) !== 0),
    ...optionIf((bits & 8) !== 0, 'suppl-groups', undefined, (inverted & 8) !== 0),
  ]
}

function addressRange(data: Buffer, family: IptablesFamily): IptablesOption[] {
  const flags = data[64]!
  const range = (at: number) => (): string[] => [
    `${inetAddress(data, at, family)}-${inetAddress(data, at + 16, family)}`,
  ]
  return [
    ...optionIf((flags & 1) !== 0, 'src-range', range(0), (flags & 0x10) !== 0),
    ...optionIf((flags & 2) !== 0, 'dst-range', range(32), (flags & 0x20) !== 0),
  ]
}

function packetType(data: Buffer): IptablesOption[] {
  const type = readU32(data, 0)
  return [option('pkt-type', [['unicast', 'broadcast', 'multicast'][type] ?? String(type)], readU32(data, 4) !== 0)]
}

function statistic(data: Buffer): IptablesOption[] {
  const inverted = (readU16(data, 2) & 1) !== 0
  if (readU16(data, 0) === 0) {
    const probability = (readU32(data, 4) / 0x80000000).toFixed(11)
    return [option('mode', ['random']), option('probability', [probability], inverted)]
  }
  const [every, packet] = [readU32(data, 4) + 1, readU32(data, 8)]
  return [option('mode', ['nth']), option('every', [String(every)], inverted), option('packet', [String(packet)])]
}

function reversePath(data: Buffer): IptablesOption[] {
  return ['loose', 'validmark', 'accept-local', 'invert'].flatMap((name, bit) =>
    optionIf(((data[0]! >>> bit) & 1) === 1, name),
  )
}

/** A set is named by a number that only the ip_set module can turn into its name. */
function ipSet(data: Buffer): IptablesOption[] {
  const [index, dimension, flags] = [readU16(data, 0), Math.min(data[2]!, 6), data[3]!]
  const sides = Array.from({ length: dimension }, (_, i) => ((flags >>> (i + 1)) & 1 ? 'src' : 'dst'))
  return [option('match-set', [`#${index}`, sides.join(',')], (flags & 1) !== 0)]
}

function quota(data: Buffer): IptablesOption[] {
  return [option('quota', [readU64(data, 8).toString()], (readU32(data, 0) & 1) !== 0)]
}

/** Decoders of matches. */
export const matchDecoders: ExtensionDecoders = new Map<string, ExtensionDecoder>([
  ['tcp/0', { size: 12, decode: tcp }],
  ['udp/0', { size: 9, decode: (data) => ports(data, data[8]!) }],
  ['ip:icmp/0', { size: 4, decode: icmp('icmp-type', 0xff) }],
  ['ip6:icmp6/0', { size: 4, decode: icmp('icmpv6-type', undefined) }],
  ['multiport/1', { size: 48, decode: multiport }],
  ...conntrackDecoders,
  ...headerDecoders,
  ['addrtype/1', { size: 8, decode: addressType }],
  ['comment/0', { size: 256, decode: (data) => [option('comment', [cText(data.subarray(0, 256))])] }],
  ['mark/1', { size: 9, decode: mark }],
  ['connmark/1', { size: 9, decode: mark }],
  ['limit/0', { size: 8, decode: limit }],
  ['physdev/0', { size: 66, decode: physicalDevice }],
  ['owner/1', { size: 18, decode: owner }],
  ['iprange/1', { size: 65, decode: addressRange }],
  ['pkttype/0', { size: 8, decode: packetType }],
  ['mac/0', { size: 12, decode: (data) => [option('mac-source', [mac.read(data, 0, 6)], readU32(data, 8) !== 0)] }],
  ['statistic/0', { size: 16, decode: statistic }],
  ['rpfilter/0', { size: 1, decode: reversePath }],
  ['quota/0', { size: 16, decode: quota }],
  ...[1, 2, 3, 4].map((revision) => [`set/${revision}`, { size: 4, decode: ipSet }] as const),
])
