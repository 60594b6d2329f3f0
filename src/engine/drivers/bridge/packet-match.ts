/**
 * Whether a packet that exists only in thought meets a condition of a rule set. The packet is known in part, so the answer may
 * be that it might.
 */
import type { NftExpression, NftOperator } from '../../../kernel/index.ts'
import { familyOfText, overlaps, within } from './pools.ts'

/** Yes, no, or that depends on what is not known of the packet. */
export type Answer = 'yes' | 'no' | 'maybe'

/** A packet of a network, as far as it matters to filters. */
export interface ThoughtPacket {
  readonly family: 4 | 6
  /** Interfaces; undefined: some other one. */
  readonly iif: string | undefined
  readonly oif: string | undefined
  /** Prefixes that the addresses lie in; undefined: anywhere. */
  readonly source: string | undefined
  readonly destination: string | undefined
  readonly state: 'new' | 'established'
  /** The connection's destination was translated. */
  readonly translated: boolean
}

/** Elements of a named set, for references like `@trusted`. */
export type SetLookUp = (name: string) => readonly NftExpression[] | undefined

/** The packet's own value for an expression. */
type Value =
  | { readonly kind: 'word'; readonly word: string | undefined }
  | { readonly kind: 'address'; readonly prefix: string | undefined; readonly family: 4 | 6 }

/** Answers `left op right`. */
export function answerMatch(
  packet: ThoughtPacket,
  match: { readonly left: NftExpression; readonly right: NftExpression; readonly op: NftOperator },
  sets: SetLookUp,
): Answer {
  const answer = answerEqual(packet, match.left, match.right, sets)
  if (match.op === '!=') return answer === 'yes' ? 'no' : answer === 'no' ? 'yes' : 'maybe'
  return match.op === '==' || match.op === 'in' ? answer : 'maybe'
}

/** Whether an expression of the packet equals a constant, or one of a set. */
export function answerEqual(packet: ThoughtPacket, left: NftExpression, right: NftExpression, sets: SetLookUp): Answer {
  if (typeof right === 'string' && right.startsWith('@')) {
    const named = sets(right.slice(1))
    return named === undefined ? 'maybe' : anyOf(named.map((one) => answerEqual(packet, left, keyOf(one), sets)))
  }
  if (Array.isArray(right)) return anyOf(right.map((one) => answerEqual(packet, left, one, sets)))
  if (typeof right === 'object' && 'set' in right) {
    const members = Array.isArray(right.set) ? right.set : [right.set]
    return anyOf(members.map((one) => answerEqual(packet, left, one, sets)))
  }
  const value = valueIn(packet, left)
  if (value === undefined) return 'maybe'
  return value.kind === 'word' ? sameWord(value.word, right) : sameAddress(value, right)
}

/** A set's element without what is remembered of it. */
export function keyOf(element: NftExpression): NftExpression {
  return typeof element === 'object' && 'elem' in element ? element.elem.val : element
}

function anyOf(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes'
  return answers.includes('maybe') ? 'maybe' : 'no'
}

function valueIn(packet: ThoughtPacket, expression: NftExpression): Value | undefined {
  if (typeof expression !== 'object') return undefined
  if ('meta' in expression) return metaOf(packet, expression.meta.key)
  if ('ct' in expression) return connectionOf(packet, expression.ct.key)
  if ('payload' in expression && 'protocol' in expression.payload) {
    const { protocol, field } = expression.payload
    const family = protocol === 'ip' ? 4 : protocol === 'ip6' ? 6 : undefined
    if (family === undefined) return undefined
    if (field === 'saddr') return { kind: 'address', prefix: packet.source, family: packet.family }
    if (field === 'daddr') return { kind: 'address', prefix: packet.destination, family: packet.family }
  }
  return undefined
}

function metaOf(packet: ThoughtPacket, key: string): Value | undefined {
  if (key === 'iifname' || key === 'iif') return { kind: 'word', word: packet.iif }
  if (key === 'oifname' || key === 'oif') return { kind: 'word', word: packet.oif }
  return key === 'nfproto' ? { kind: 'word', word: `ipv${packet.family}` } : undefined
}

function connectionOf(packet: ThoughtPacket, key: string): Value | undefined {
  if (key === 'state') return { kind: 'word', word: packet.state }
  if (key === 'status') return { kind: 'word', word: packet.translated ? 'dnat' : 'none' }
  return undefined
}

/** Names of interfaces may end in `*`, for any rest. */
function sameWord(word: string | undefined, right: NftExpression): Answer {
  if (typeof right !== 'string') return 'maybe'
  if (right === '*') return 'yes'
  if (word === undefined) return 'maybe'
  return word === right || (right.endsWith('*') && word.startsWith(right.slice(0, -1))) ? 'yes' : 'no'
}

function sameAddress({ prefix, family }: Value & { kind: 'address' }, right: NftExpression): Answer {
  const wanted = prefixOf(right)
  if (wanted === undefined) return 'maybe'
  if (familyOfText(wanted) !== family) return 'no'
  if (wanted.endsWith('/0')) return 'yes'
  if (prefix === undefined) return 'maybe'
  if (!overlaps(prefix, wanted)) return 'no'
  const [, length = familyOfText(wanted) === 4 ? '32' : '128'] = wanted.split('/')
  return within(prefix, wanted) && Number(length) <= Number(prefix.split('/')[1]) ? 'yes' : 'maybe'
}

function prefixOf(expression: NftExpression): string | undefined {
  if (typeof expression === 'string') return /^[0-9a-f.:]+$/i.test(expression) ? expression : undefined
  if (typeof expression !== 'object' || !('prefix' in expression)) return undefined
  const { addr, len } = expression.prefix
  return typeof addr === 'string' ? `${addr}/${len}` : undefined
}
