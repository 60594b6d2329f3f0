/** What `reject` answers (net/netfilter/nft_reject*.c). */
import type { NfExpressionOf } from '../../../kernel/index.ts'
import type { Packet } from '../../path/packet.ts'

/** Codes of ICMP's "destination unreachable" (RFC 792, RFC 1122, RFC 1812). */
const icmpCodes = new Map([
  [0, 'icmp-net-unreachable'],
  [1, 'icmp-host-unreachable'],
  [2, 'icmp-proto-unreachable'],
  [3, 'icmp-port-unreachable'],
  [9, 'icmp-net-prohibited'],
  [10, 'icmp-host-prohibited'],
  [13, 'icmp-admin-prohibited'],
])
/** Codes of ICMPv6's (RFC 4443). */
const icmpv6Codes = new Map([
  [0, 'icmp6-no-route'],
  [1, 'icmp6-adm-prohibited'],
  [3, 'icmp6-addr-unreachable'],
  [4, 'icmp6-port-unreachable'],
  [5, 'icmp6-policy-fail'],
  [6, 'icmp6-reject-route'],
])
/** NFT_REJECT_ICMPX_*: codes of either family, by the number that stands for both. */
const commonCodes = { ipv4: [0, 3, 1, 13], ipv6: [0, 4, 3, 1] } as const

/** The answer, named as iptables(8) names it. */
export function rejectAnswer({ type, code = 0 }: NfExpressionOf<'reject'>, { family }: Packet): string {
  if (type === 'tcp-reset') return 'tcp-reset'
  const number = type === 'icmpx' ? (commonCodes[family][code] ?? code) : code
  const name = (family === 'ipv4' ? icmpCodes : icmpv6Codes).get(number)
  return name ?? `${family === 'ipv4' ? 'icmp' : 'icmp6'}-unreachable-${number}`
}
