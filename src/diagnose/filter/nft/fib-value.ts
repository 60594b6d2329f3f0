/** What `fib` loads: where routing would send to an address, or what kind of address it is (net/ipv4/netfilter/nft_fib_ipv4.c). */
import type { NfExpressionOf } from '../../../kernel/index.ts'
import type { Passage } from '../passage.ts'
import { hostNumber, nameBytes } from '../registers.ts'
import type { LoadedValue } from './meta-value.ts'

/** NFTA_FIB_F_* */
const Flag = { source: 1, destination: 2, mark: 4, input: 8, output: 16, present: 32 } as const
/** RTN_* (linux/rtnetlink.h) */
const types = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
]

/** The value. */
export function fibValue(passage: Passage, { result, flags = 0 }: NfExpressionOf<'fib'>): LoadedValue {
  const { visit, packet } = passage
  const address = (flags & Flag.destination) !== 0 ? packet.destination : packet.source
  const { input, output } = visit
  if (result === 'type') {
    const on = (flags & Flag.input) !== 0 ? input?.index : (flags & Flag.output) !== 0 ? output?.index : undefined
    const type = types.indexOf(visit.addressType(address, on))
    return hostNumber(Math.max(0, type), 'u32')
  }
  const required = (flags & Flag.input) !== 0 ? input : (flags & Flag.output) !== 0 ? output : undefined
  const found = leadingInterface(passage, address, (flags & Flag.mark) !== 0 ? packet.mark : 0)
  const index = required === undefined || required.index === found ? found : 0
  if ((flags & Flag.present) !== 0) return hostNumber(index === 0 ? 0 : 1, 'u32')
  if (result === 'oif') return hostNumber(index, 'u32')
  const link = [input, output].find((one) => one?.index === index)
  return index === 0 ? nameBytes('') : link === undefined ? 'unknown' : nameBytes(link.name ?? '')
}

/** Packets that come in by the loopback interface are taken to lead back there. */
function leadingInterface({ visit }: Passage, address: string, mark: number): number {
  const { input, hook } = visit
  const isLoopback = hook === 'prerouting' && input !== undefined && input.name === 'lo'
  return isLoopback ? input.index : visit.outputFor(address, mark)
}
