/** Decoders of the matches on connection tracking: conntrack and its ancestor state (linux/netfilter/xt_conntrack.h). */
import { readU16, readU32 } from '../netlink/byte-order.ts'
import { bitNames, type ExtensionDecoder, option, optionIf, portRange } from './options.ts'
import { formatAddress, prefixLength } from './patterns.ts'
import type { IptablesFamily, IptablesOption } from './rule.ts'

const states = [
  [1 << 0, 'INVALID'],
  [1 << 3, 'NEW'],
  [1 << 2, 'RELATED'],
  [1 << 1, 'ESTABLISHED'],
  [1 << 8, 'UNTRACKED'],
  [1 << 6, 'SNAT'],
  [1 << 7, 'DNAT'],
] as const

/** The match `state` counts its bits otherwise from the fifth on (linux/netfilter/xt_state.h). */
const oldStates = [...states.slice(0, 4), [1 << 6, 'UNTRACKED']] as const

const statuses = [
  [1, 'EXPECTED'],
  [2, 'SEEN_REPLY'],
  [4, 'ASSURED'],
  [8, 'CONFIRMED'],
] as const

const Flag = { state: 1, protocol: 2, address: 4, status: 0x40, expires: 0x80, port: 0x100, direction: 0x1000 } as const
/** Set by iptables when the rule was written as `-m state`. */
const STATE_ALIAS = 0x2000

const addressOptions = ['ctorigsrc', 'ctorigdst', 'ctreplsrc', 'ctrepldst']
const portOptions = ['ctorigsrcport', 'ctorigdstport', 'ctreplsrcport', 'ctrepldstport']

function conntrack(revision: number): ExtensionDecoder['decode'] {
  // Revision 1 has masks of one byte; revision 3 adds upper ends of port ranges.
  const mask = (data: Buffer, i: number): number => (revision === 1 ? data[150 + i]! : readU16(data, 150 + 2 * i))
  return (data, family) => {
    const [match, inverted] = [readU16(data, 146), readU16(data, 148)]
    if ((match & STATE_ALIAS) !== 0) return [option('state', [bitNames(mask(data, 0), states)], (inverted & 1) !== 0)]
    const when = (bit: number, name: string, values: () => string[]): IptablesOption[] =>
      optionIf((match & bit) !== 0, name, values, (inverted & bit) !== 0)
    return [
      ...when(Flag.state, 'ctstate', () => [bitNames(mask(data, 0), states)]),
      ...when(Flag.protocol, 'ctproto', () => [String(readU16(data, 136))]),
      ...addressOptions.flatMap((name, i) => when(Flag.address << i, name, () => [network(data, i * 32, family)])),
      ...portOptions.flatMap((name, i) => when(Flag.port << i, name, () => [port(data, i, revision)])),
      ...when(Flag.status, 'ctstatus', () => [bitNames(mask(data, 1), statuses) || 'NONE']),
      ...when(Flag.expires, 'ctexpire', () => [portRange(readU32(data, 128), readU32(data, 132))]),
      // The option is ORIGINAL; its negation is written as the other direction.
      ...optionIf((match & Flag.direction) !== 0, 'ctdir', () => [
        (inverted & Flag.direction) === 0 ? 'ORIGINAL' : 'REPLY',
      ]),
    ]
  }
}

/** Revisions 1 and 2 keep single ports in network order, revision 3 ranges in host order. */
function port(data: Buffer, i: number, revision: number): string {
  if (revision < 3) return String(data.readUInt16BE(138 + 2 * i))
  return portRange(readU16(data, 138 + 2 * i), readU16(data, 154 + 2 * i))
}

/** Address and mask of 16 bytes each; a mask that leaves the address whole is not written. */
function network(data: Buffer, at: number, family: IptablesFamily): string {
  const length = family === 'ip' ? 4 : 16
  const [address, mask] = [data.subarray(at, at + length), data.subarray(at + 16, at + 16 + length)]
  const prefix = prefixLength(mask)
  if (prefix === length * 8) return formatAddress(address)
  return `${formatAddress(address)}/${prefix ?? formatAddress(mask)}`
}

/** Decoders by `name/revision`. */
export const conntrackDecoders: readonly (readonly [string, ExtensionDecoder])[] = [
  ['conntrack/1', { size: 152, decode: conntrack(1) }],
  ['conntrack/2', { size: 154, decode: conntrack(2) }],
  ['conntrack/3', { size: 162, decode: conntrack(3) }],
  ['state/0', { size: 4, decode: (data) => [option('state', [bitNames(readU32(data, 0), oldStates)])] }],
]
