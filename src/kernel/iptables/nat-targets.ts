/**
 * Decoders of the targets that translate addresses. The kernel has three forms of a range of addresses and ports
 * (linux/netfilter/nf_nat.h): with a count for IPv4, for both families, and the latter with a base for shifted ports. Ports
 * are in network order.
 */
import { formatIPv4 } from '../netlink/address-value.ts'
import { readU32 } from '../netlink/byte-order.ts'
import { type ExtensionDecoder, inetAddress, option, optionIf, portRange } from './options.ts'
import type { IptablesFamily, IptablesOption } from './rule.ts'

/** Bits of a range's flags (NF_NAT_RANGE_*). */
const Flag = { addresses: 1, ports: 2, random: 4, persistent: 8, randomFully: 0x10, offset: 0x20 } as const

/** What to translate to; the parts that the flags do not name say nothing. */
interface Range {
  readonly flags: number
  readonly lowest: string
  readonly highest: string
  readonly lowestPort: number
  readonly highestPort: number
  readonly basePort: number | undefined
}

/** struct nf_nat_ipv4_multi_range_compat; there is always one range. */
function readIpv4Range(data: Buffer): Range {
  return {
    flags: readU32(data, 4),
    lowest: formatIPv4(data, 8),
    highest: formatIPv4(data, 12),
    lowestPort: data.readUInt16BE(16),
    highestPort: data.readUInt16BE(18),
    basePort: undefined,
  }
}

/** struct nf_nat_range, and nf_nat_range2 with its base port. */
function readRange(data: Buffer, family: IptablesFamily): Range {
  return {
    flags: readU32(data, 0),
    lowest: inetAddress(data, 4, family),
    highest: inetAddress(data, 20, family),
    lowestPort: data.readUInt16BE(36),
    highestPort: data.readUInt16BE(38),
    basePort: data.length >= 42 ? data.readUInt16BE(40) : undefined,
  }
}

/** SNAT and DNAT: `--to-source 10.0.0.1-10.0.0.9:1000-2000`. */
function translation(name: string, range: Range, family: IptablesFamily): IptablesOption[] {
  return [option(name, [`${addressText(range, family)}${portText(range, ':')}`]), ...flagOptions(range.flags)]
}

function addressText({ flags, lowest, highest }: Range, family: IptablesFamily): string {
  if ((flags & Flag.addresses) === 0) return ''
  const text = lowest === highest ? lowest : `${lowest}-${highest}`
  return family === 'ip6' && (flags & Flag.ports) !== 0 ? `[${text}]` : text
}

function portText({ flags, lowestPort, highestPort, basePort }: Range, before: string): string {
  if ((flags & Flag.ports) === 0) return ''
  const base = (flags & Flag.offset) !== 0 && basePort !== undefined ? `/${basePort}` : ''
  return `${before}${portRange(lowestPort, highestPort, '-')}${base}`
}

/** MASQUERADE and REDIRECT: ports alone. */
function ports(range: Range): IptablesOption[] {
  const { flags } = range
  return [...optionIf((flags & Flag.ports) !== 0, 'to-ports', () => [portText(range, '')]), ...flagOptions(flags)]
}

/** NETMAP: a network of one range, as its first and last address. */
function network(range: Range): IptablesOption[] {
  return [option('to', [`${range.lowest}-${range.highest}`])]
}

function flagOptions(flags: number): IptablesOption[] {
  return [
    ...optionIf((flags & Flag.random) !== 0, 'random'),
    ...optionIf((flags & Flag.randomFully) !== 0, 'random-fully'),
    ...optionIf((flags & Flag.persistent) !== 0, 'persistent'),
  ]
}

const ipv4 = { size: 20, decode: (data: Buffer) => ports(readIpv4Range(data)) }
const ipv6 = { size: 40, decode: (data: Buffer) => ports(readRange(data, 'ip6')) }

function addresses(name: string): ExtensionDecoder[] {
  const both: ExtensionDecoder['decode'] = (data, family) => translation(name, readRange(data, family), family)
  return [
    { size: 20, decode: (data) => translation(name, readIpv4Range(data), 'ip') },
    { size: 40, decode: both },
    { size: 42, decode: both },
  ]
}

/** Decoders by `name/revision`. */
export const natDecoders: readonly (readonly [string, ExtensionDecoder])[] = [
  ['ip:MASQUERADE/0', ipv4],
  ['ip6:MASQUERADE/0', ipv6],
  ['ip:REDIRECT/0', ipv4],
  ['ip6:REDIRECT/0', ipv6],
  ['ip:NETMAP/0', { size: 20, decode: (data) => network(readIpv4Range(data)) }],
  ['ip6:NETMAP/0', { size: 40, decode: (data) => network(readRange(data, 'ip6')) }],
  ...addresses('to-source').map((decoder, revision) => [`SNAT/${revision}`, decoder] as const),
  ...addresses('to-destination').map((decoder, revision) => [`DNAT/${revision}`, decoder] as const),
]
