/** What registers hold and rules decide: values and verdicts (NFTA_DATA_*, NFTA_VERDICT_*, linux/netfilter/nf_tables.h). */
import { type AttributesOf, attribute, attributes } from '../netlink/attributes.ts'
import { be32, mapped, raw, string, type Value } from '../netlink/value.ts'

/**
 * What ends or moves a packet's way through the chains. `drop` and `queue` may carry a number in their upper half: an errno,
 * or the queue.
 */
export type NfVerdict =
  | { readonly kind: 'accept' | 'continue' | 'break' | 'return' | 'stolen' | 'repeat' | 'stop' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'queue'; readonly queue: number }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'unknown'; readonly code: number }

const verdictTable = attributes({ code: attribute(1, be32), chain: attribute(2, string) })

/** NF_* of linux/netfilter.h are not negative, NFT_* of linux/netfilter/nf_tables.h are. */
const plainVerdicts = new Map<number, NfVerdict['kind']>([
  [0, 'drop'],
  [1, 'accept'],
  [2, 'stolen'],
  [3, 'queue'],
  [4, 'repeat'],
  [5, 'stop'],
  [-1, 'continue'],
  [-2, 'break'],
  [-3, 'jump'],
  [-4, 'goto'],
  [-5, 'return'],
])

function verdictOf({ code = 0, chain }: AttributesOf<(typeof verdictTable)['fields']>): NfVerdict {
  const number = code | 0
  const kind = plainVerdicts.get(number < 0 ? number : number & 0xff)
  if (kind === 'jump' || kind === 'goto') {
    return chain === undefined ? { kind: 'unknown', code: number } : { kind, chain }
  }
  if (kind === 'queue') return { kind, queue: number >>> 16 }
  return kind === undefined || kind === 'unknown' ? { kind: 'unknown', code: number } : { kind }
}

function attributesOf(verdict: NfVerdict): AttributesOf<(typeof verdictTable)['fields']> {
  if (verdict.kind === 'unknown') return { code: verdict.code >>> 0 }
  const [code] = [...plainVerdicts].find(([, kind]) => kind === verdict.kind)!
  if (verdict.kind === 'queue') return { code: (code | (verdict.queue << 16)) >>> 0 }
  return { code: code >>> 0, ...('chain' in verdict ? { chain: verdict.chain } : {}) }
}

/** A verdict (NFTA_DATA_VERDICT, NFTA_TRACE_VERDICT). */
export const nfVerdict: Value<NfVerdict> = mapped(verdictTable, verdictOf, attributesOf)

/** NFTA_DATA_*: bytes, or a verdict. */
export const nfData = attributes({ value: attribute(1, raw), verdict: attribute(2, nfVerdict) })
/** Bytes, or a verdict. */
export type NfData = AttributesOf<(typeof nfData)['fields']>
