/** What `ct` loads into a register (net/netfilter/nft_ct.c). */
import { parseIp } from '../../../kernel/index.ts'
import type { ConnectionState, Passage } from '../passage.ts'
import { hostNumber, networkNumber } from '../registers.ts'
import type { LoadedValue } from './meta-value.ts'

/** NF_CT_STATE_* (linux/netfilter/nf_conntrack_common.h) */
const stateBits: Record<ConnectionState, number> = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 }
/** enum ip_conntrack_status */
const Status = { seenReply: 2, assured: 4, confirmed: 8, sourceNat: 16, destinationNat: 32 } as const
const PROTOCOL_FAMILY = { ipv4: 2, ipv6: 10 } as const

/** The value of a key; `direction` is given for addresses and ports of one direction. */
export function ctValue(
  passage: Passage,
  key: string | number | undefined,
  direction: 'original' | 'reply' | number | undefined,
): LoadedValue {
  if (key === 'state') return hostNumber(stateBits[passage.connectionState], 'u32')
  const flow = passage.tracked
  if (flow === undefined) return undefined
  switch (key) {
    case 'direction':
      return Buffer.from([passage.visit.reply ? 1 : 0])
    case 'status':
      return hostNumber(statusBits(passage), 'u32')
    case 'mark':
      return hostNumber(flow.mark, 'u32')
    case 'zone':
      return hostNumber(flow.zone, 'u16')
    case 'secmark':
      return hostNumber(0, 'u32')
    case 'l3proto':
      return Buffer.from([PROTOCOL_FAMILY[passage.packet.family]])
    case 'protocol':
      return Buffer.from([passage.packet.protocol])
    case 'label':
      return Buffer.alloc(16)
    case 'helper':
      return undefined
    default:
      return tupleValue(passage, key, typeof direction === 'number' ? undefined : direction)
  }
}

function tupleValue(passage: Passage, key: string | number | undefined, direction?: 'original' | 'reply'): LoadedValue {
  const tuple = passage.tuple(direction)
  if (tuple === undefined) return undefined
  const v6 = passage.packet.family === 'ipv6'
  switch (key) {
    case 'ip saddr':
      return v6 ? undefined : parseIp(tuple.source)
    case 'ip daddr':
      return v6 ? undefined : parseIp(tuple.destination)
    case 'ip6 saddr':
      return v6 ? parseIp(tuple.source) : undefined
    case 'ip6 daddr':
      return v6 ? parseIp(tuple.destination) : undefined
    case 'saddr':
      return parseIp(tuple.source)
    case 'daddr':
      return parseIp(tuple.destination)
    case 'proto-src':
      return networkNumber(tuple.sourcePort)
    case 'proto-dst':
      return networkNumber(tuple.destinationPort)
    default:
      return 'unknown'
  }
}

function statusBits({ flow }: Passage): number {
  if (flow === undefined) return 0
  return (
    (flow.unconfirmed === true ? 0 : Status.confirmed) |
    (flow.answered ? Status.seenReply : 0) |
    (flow.sourceTranslated ? Status.sourceNat : 0) |
    (flow.destinationTranslated ? Status.destinationNat : 0)
  )
}
