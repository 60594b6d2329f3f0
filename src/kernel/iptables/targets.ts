/** Decoders of the targets that container hosts use (iptables-extensions(8); layouts in linux/netfilter/xt_*.h). */
import { readU16, readU32 } from '../netlink/byte-order.ts'
import { cText } from './entry.ts'
import { natDecoders } from './nat-targets.ts'
import { type ExtensionDecoder, type ExtensionDecoders, hex, option, optionIf } from './options.ts'
import type { IptablesOption } from './rule.ts'

/** In the order of enum ipt_reject_with. */
const rejections = [
  'icmp-net-unreachable',
  'icmp-host-unreachable',
  'icmp-proto-unreachable',
  'icmp-port-unreachable',
  'echo-reply',
  'icmp-net-prohibited',
  'icmp-host-prohibited',
  'tcp-reset',
  'icmp-admin-prohibited',
]

/** In the order of enum ip6t_reject_with. */
const rejections6 = [
  'icmp6-no-route',
  'icmp6-adm-prohibited',
  'icmp6-not-neighbour',
  'icmp6-addr-unreachable',
  'icmp6-port-unreachable',
  'echo-reply',
  'tcp-reset',
  'icmp6-policy-fail',
  'icmp6-reject-route',
]

function reject(names: readonly string[]): ExtensionDecoder['decode'] {
  return (data) => [option('reject-with', [names[readU32(data, 0)] ?? String(readU32(data, 0))])]
}

const logFlags = ['log-tcp-sequence', 'log-tcp-options', 'log-ip-options', 'log-uid', '', 'log-macdecode']
/** LOG_WARNING of syslog(3), which is the default and not written. */
const WARNING = 4

function log(data: Buffer): IptablesOption[] {
  const [level, flags] = [data[0]!, data[1]!]
  const prefix = cText(data.subarray(2, 32))
  return [
    ...optionIf(prefix !== '', 'log-prefix', () => [prefix]),
    ...optionIf(level !== WARNING, 'log-level', () => [String(level)]),
    ...logFlags.flatMap((name, bit) => optionIf(name !== '' && ((flags >>> bit) & 1) === 1, name)),
  ]
}

function logGroup(data: Buffer): IptablesOption[] {
  const [group, threshold, flags] = [readU16(data, 4), readU16(data, 6), readU16(data, 8)]
  const prefix = cText(data.subarray(12, 76))
  return [
    ...optionIf(prefix !== '', 'nflog-prefix', () => [prefix]),
    ...optionIf(group !== 0, 'nflog-group', () => [String(group)]),
    ...optionIf((flags & 1) !== 0, 'nflog-size', () => [String(readU32(data, 0))]),
    ...optionIf(threshold !== 0, 'nflog-threshold', () => [String(threshold)]),
  ]
}

/** mark = (mark & ~mask) ^ value */
function mark(data: Buffer): IptablesOption[] {
  return [option('set-xmark', [`${hex(readU32(data, 0))}/${hex(readU32(data, 4))}`])]
}

/** `mode`: 0 sets the connection's mark, 1 saves the packet's into it, 2 restores the packet's from it. */
function connectionMark(data: Buffer, mode: number): IptablesOption[] {
  const [value, connectionMask, packetMask] = [readU32(data, 0), readU32(data, 4), readU32(data, 8)]
  if (mode === 0) return [option('set-xmark', [`${hex(value)}/${hex(connectionMask)}`])]
  return [
    option(mode === 1 ? 'save-mark' : 'restore-mark'),
    option('nfmask', [hex(packetMask)]),
    option('ctmask', [hex(connectionMask)]),
  ]
}

/** Revision 2 can shift the bits of the mark on the way. */
function shiftedConnectionMark(data: Buffer): IptablesOption[] {
  const [direction, bits, mode] = [data[12]!, data[13]!, data[14]!]
  const name = direction === 0 ? 'left-shift-mark' : 'right-shift-mark'
  return [...connectionMark(data, mode), ...optionIf(bits !== 0, name, () => [String(bits)])]
}

/** The largest value stands for "what the path allows". */
function segmentSize(data: Buffer): IptablesOption[] {
  const size = readU16(data, 0)
  return [size === 0xffff ? option('clamp-mss-to-pmtu') : option('set-mss', [String(size)])]
}

function connectionTracking(data: Buffer): IptablesOption[] {
  const [flags, zone] = [readU16(data, 0), readU16(data, 2)]
  if ((flags & 1) !== 0) return [option('notrack')]
  const helper = cText(data.subarray(12, 28))
  return [...optionIf(helper !== '', 'helper', () => [helper]), ...optionIf(zone !== 0, 'zone', () => [String(zone)])]
}

const none = (): IptablesOption[] => []

/** Decoders of targets. */
export const targetDecoders: ExtensionDecoders = new Map<string, ExtensionDecoder>([
  ...natDecoders,
  ['ip:REJECT/0', { size: 4, decode: reject(rejections) }],
  ['ip6:REJECT/0', { size: 4, decode: reject(rejections6) }],
  ['LOG/0', { size: 32, decode: log }],
  ['NFLOG/0', { size: 76, decode: logGroup }],
  ['MARK/2', { size: 8, decode: mark }],
  ['CONNMARK/1', { size: 13, decode: (data) => connectionMark(data, data[12]!) }],
  ['CONNMARK/2', { size: 15, decode: shiftedConnectionMark }],
  ['TCPMSS/0', { size: 2, decode: segmentSize }],
  ...[0, 1, 2].map((revision) => [`CT/${revision}`, { size: 28, decode: connectionTracking }] as const),
  ['NOTRACK/0', { size: 0, decode: none }],
  ['TRACE/0', { size: 0, decode: none }],
  ['DSCP/0', { size: 1, decode: (data) => [option('set-dscp', [`0x${data[0]!.toString(16).padStart(2, '0')}`])] }],
  ['CHECKSUM/0', { size: 1, decode: (data) => optionIf((data[0]! & 1) !== 0, 'checksum-fill') }],
])
