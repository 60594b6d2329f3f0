/** Decoders of matches on single fields and on counts (iptables-extensions(8); layouts in linux/netfilter/xt_*.h). */
import { readS32, readU16, readU32, readU64 } from '../netlink/byte-order.ts'
import { cText } from './entry.ts'
import { type ExtensionDecoder, hex, inetAddress, option, optionIf, portRange } from './options.ts'
import { prefixLength } from './patterns.ts'
import type { IptablesFamily, IptablesOption } from './rule.ts'

function length(data: Buffer): IptablesOption[] {
  return [option('length', [portRange(readU16(data, 0), readU16(data, 2))], data[4] !== 0)]
}

/** ttl and hl: equal, different, below, above. */
function timeToLive(name: string): ExtensionDecoder['decode'] {
  return (data) => {
    const [mode, value] = [data[0]!, String(data[1]!)]
    if (mode === 2) return [option(`${name}-lt`, [value])]
    return mode === 3 ? [option(`${name}-gt`, [value])] : [option(`${name}-eq`, [value], mode === 1)]
  }
}

function typeOfService(data: Buffer): IptablesOption[] {
  return [option('tos', [`${hex(data[1]!)}/${hex(data[0]!)}`], data[2] !== 0)]
}

function differentiatedServices(data: Buffer): IptablesOption[] {
  return [option('dscp', [`0x${data[0]!.toString(16).padStart(2, '0')}`], data[1] !== 0)]
}

/** Flags: source 1 and its negation 2, destination 4 and its negation 8. */
function deviceGroup(data: Buffer): IptablesOption[] {
  const flags = readU32(data, 0)
  const group = (at: number) => (): string[] => {
    const [value, mask] = [readU32(data, at), readU32(data, at + 4)]
    return [mask === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`]
  }
  return [
    ...optionIf((flags & 1) !== 0, 'src-group', group(4), (flags & 2) !== 0),
    ...optionIf((flags & 4) !== 0, 'dst-group', group(12), (flags & 8) !== 0),
  ]
}

function helper(data: Buffer): IptablesOption[] {
  return [option('helper', [cText(data.subarray(4, 34))], readS32(data, 0) !== 0)]
}

/** Flag 1: up to the limit, otherwise above it; 2: counted by destination. */
function connectionLimit(data: Buffer, family: IptablesFamily): IptablesOption[] {
  const [limit, flags] = [readU32(data, 16), readU32(data, 20)]
  const mask = data.subarray(0, family === 'ip' ? 4 : 16)
  return [
    option((flags & 1) === 0 ? 'connlimit-above' : 'connlimit-upto', [String(limit)]),
    option('connlimit-mask', [String(prefixLength(mask) ?? inetAddress(data, 0, family))]),
    option((flags & 2) === 0 ? 'connlimit-saddr' : 'connlimit-daddr'),
  ]
}

/** Bits of a hash limit's mode: what packets are counted by; 16: above the rate; 32: bytes, not packets. */
const countedBy = ['dstip', 'dstport', 'srcip', 'srcport'] as const
const ABOVE = 16
const BYTES = 32
const seconds = [
  ['day', 86_400],
  ['hour', 3600],
  ['min', 60],
  ['sec', 1],
] as const

interface HashLimit {
  readonly name: string
  readonly mode: number
  /** Time between packets, in parts of a second. */
  readonly interval: number
  readonly burst: string
}

/** @param parts of a second that intervals are counted in */
function hashLimit({ name, mode, interval, burst }: HashLimit, parts: number): IptablesOption[] {
  const modes = countedBy.filter((_, bit) => ((mode >>> bit) & 1) === 1)
  const rate = (mode & BYTES) === 0 ? rateText(interval, parts) : `[${interval} of bytes]`
  return [
    option((mode & ABOVE) === 0 ? 'hashlimit-upto' : 'hashlimit-above', [rate]),
    option('hashlimit-burst', [burst]),
    ...optionIf(modes.length > 0, 'hashlimit-mode', () => [modes.join(',')]),
    option('hashlimit-name', [name]),
  ]
}

/** As many a second, minute … as come out whole, in the shortest of them that does so (print_rate in libxt_hashlimit.c). */
function rateText(interval: number, parts: number): string {
  const whole = (unit: number): boolean => {
    const length = unit * parts
    return interval <= length && Math.floor(length / interval) >= length % interval
  }
  let chosen: (typeof seconds)[number] = seconds[0]
  for (const candidate of seconds.slice(1)) {
    if (!whole(candidate[1])) break
    chosen = candidate
  }
  const [name, unit] = chosen
  return `${Math.floor((unit * parts) / Math.max(1, interval))}/${name}`
}

function hashLimit1(data: Buffer): IptablesOption[] {
  const [mode, interval, burst] = [readU32(data, 16), readU32(data, 20), String(readU32(data, 24))]
  return hashLimit({ name: cText(data.subarray(0, 16)), mode, interval, burst }, 10_000)
}

/** Revisions 2 and 3: a longer name, padded to eight bytes, and wider numbers. */
function hashLimit2(data: Buffer): IptablesOption[] {
  const [mode, interval, burst] = [readU32(data, 272), Number(readU64(data, 256)), String(readU64(data, 264))]
  return hashLimit({ name: cText(data.subarray(0, 255)), mode, interval, burst }, 1_000_000)
}

/** Decoders by `name/revision`. */
export const headerDecoders: readonly (readonly [string, ExtensionDecoder])[] = [
  ['length/0', { size: 5, decode: length }],
  ['ttl/0', { size: 2, decode: timeToLive('ttl') }],
  ['hl/0', { size: 2, decode: timeToLive('hl') }],
  ['tos/1', { size: 3, decode: typeOfService }],
  ['dscp/0', { size: 2, decode: differentiatedServices }],
  ['devgroup/0', { size: 20, decode: deviceGroup }],
  ['helper/0', { size: 34, decode: helper }],
  ['connlimit/1', { size: 24, decode: connectionLimit }],
  ['hashlimit/1', { size: 28, decode: hashLimit1 }],
  ['hashlimit/2', { size: 276, decode: hashLimit2 }],
  ['hashlimit/3', { size: 276, decode: hashLimit2 }],
]
