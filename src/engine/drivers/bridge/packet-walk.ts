/**
 * A packet's way through filters that are not ours, in thought: does a base chain drop it for certain? Conditions that cannot
 * be answered never make it certain, and one that might accept the packet makes every drop behind it uncertain.
 */
import type { NftChain, NftExpression, NftObject, NftRule, NftStatement, NftVerdict } from '../../../kernel/index.ts'
import { type Answer, answerEqual, answerMatch, keyOf, type SetLookUp, type ThoughtPacket } from './packet-match.ts'

/** Where packets are dropped. */
export interface DropPoint {
  /** The base chain that they entered. */
  readonly base: NftChain
  /** The rule that drops them; undefined: the chain's policy. */
  readonly rule: NftRule | undefined
}

type End = { readonly kind: 'accept' | 'return' } | { readonly kind: 'drop'; readonly rule: NftRule }

/** Longest way: kernels allow 16 jumps (NFT_JUMP_STACK_SIZE). */
const DEEPEST = 16

/** A rule set, indexed for walking. */
export class FilterMap {
  readonly #chains = new Map<string, NftChain>()
  readonly #rules = new Map<string, NftRule[]>()
  readonly #sets = new Map<string, readonly NftExpression[]>()

  constructor(objects: readonly NftObject[]) {
    for (const object of objects) {
      if ('chain' in object)
        this.#chains.set(place(object.chain.family, object.chain.table, object.chain.name), object.chain)
      if ('rule' in object) {
        const key = place(object.rule.family, object.rule.table, object.rule.chain)
        const known = this.#rules.get(key)
        if (known === undefined) this.#rules.set(key, [object.rule])
        else known.push(object.rule)
      }
      const set = 'set' in object ? object.set : 'map' in object ? object.map : undefined
      if (set !== undefined) this.#sets.set(place(set.family, set.table, set.name), set.elem ?? [])
    }
  }

  /** Filtering base chains on a hook that see packets of a family. */
  baseChains(hook: string, family: 4 | 6): NftChain[] {
    const families = ['inet', family === 4 ? 'ip' : 'ip6']
    return [...this.#chains.values()].filter(
      (chain) => chain.hook === hook && chain.type === 'filter' && families.includes(chain.family),
    )
  }

  /** Whether a table has a chain of this name. */
  hasChain(family: string, table: string, name: string): boolean {
    return this.#chains.has(place(family, table, name))
  }

  /** Where the packet is dropped for certain by a base chain; undefined when it may pass. */
  dropPoint(packet: ThoughtPacket, base: NftChain): DropPoint | undefined {
    const walk = { packet, doubtful: false }
    const end = this.#walk(walk, base, 0)
    if (walk.doubtful || end.kind === 'accept') return undefined
    if (end.kind === 'drop') return { base, rule: end.rule }
    return base.policy === 'drop' ? { base, rule: undefined } : undefined
  }

  #walk(walk: Walk, chain: NftChain, depth: number): End {
    for (const rule of this.#rules.get(place(chain.family, chain.table, chain.name)) ?? []) {
      const end = this.#apply(walk, chain, rule, depth)
      if (end !== undefined) return end
    }
    return { kind: 'return' }
  }

  /** What a rule does to the packet; undefined: the next rule is asked. */
  #apply(walk: Walk, chain: NftChain, rule: NftRule, depth: number): End | undefined {
    const sets: SetLookUp = (name) => this.#sets.get(place(chain.family, chain.table, name))
    let certain = true
    for (const statement of rule.expr) {
      const answer = conditionAnswer(walk.packet, statement, sets)
      if (answer === 'no') return undefined
      if (answer === 'maybe') certain = false
      const verdict = verdictOf(walk.packet, statement, sets)
      if (verdict === undefined) continue
      if (verdict === 'unknown') walk.doubtful = true
      else return this.#follow(walk, chain, rule, verdict, certain, depth)
    }
    return undefined
  }

  #follow(
    walk: Walk,
    chain: NftChain,
    rule: NftRule,
    verdict: NftVerdict,
    certain: boolean,
    depth: number,
  ): End | undefined {
    const end = this.#end(walk, chain, rule, verdict, depth)
    if (certain || end === undefined) return end
    // The rule may or may not apply: that it might let the packet through, or leave the chain, casts doubt on what follows.
    if (end.kind !== 'drop') walk.doubtful = true
    return undefined
  }

  #end(walk: Walk, chain: NftChain, rule: NftRule, verdict: NftVerdict, depth: number): End | undefined {
    if ('accept' in verdict) return { kind: 'accept' }
    if ('drop' in verdict) return { kind: 'drop', rule }
    if ('return' in verdict) return { kind: 'return' }
    if ('continue' in verdict) return undefined
    const target = 'jump' in verdict ? verdict.jump.target : verdict.goto.target
    const next = this.#chains.get(place(chain.family, chain.table, target))
    if (next === undefined || depth === DEEPEST) return undefined
    const end = this.#walk(walk, next, depth + 1)
    return end.kind === 'return' && 'jump' in verdict ? undefined : end
  }
}

interface Walk {
  readonly packet: ThoughtPacket
  /** Something on the way may have accepted the packet. */
  doubtful: boolean
}

function place(family: string, table: string, name: string): string {
  return `${family} ${table} ${name}`
}

/** Whether a statement lets the rule go on. */
function conditionAnswer(packet: ThoughtPacket, statement: NftStatement, sets: SetLookUp): Answer {
  if ('match' in statement) return answerMatch(packet, statement.match, sets)
  if ('limit' in statement || 'quota' in statement || 'ct count' in statement || 'meter' in statement) return 'maybe'
  if ('xt' in statement) return statement.xt?.type === 'match' || statement.xt === null ? 'maybe' : 'yes'
  return 'yes'
}

const VERDICTS = ['accept', 'drop', 'continue', 'return', 'jump', 'goto'] as const
/** Extensions of iptables after which the packet goes on to the next rule. */
const PASSING = [
  'LOG',
  'NFLOG',
  'MARK',
  'CONNMARK',
  'CT',
  'TCPMSS',
  'CHECKSUM',
  'CLASSIFY',
  'SET',
  'TRACE',
  'AUDIT',
  'NOTRACK',
]

/** A statement's verdict; undefined: none. */
function verdictOf(
  packet: ThoughtPacket,
  statement: NftStatement,
  sets: SetLookUp,
): NftVerdict | 'unknown' | undefined {
  if (VERDICTS.some((name) => name in statement)) return statement as NftVerdict
  if ('reject' in statement) return { drop: null }
  if ('queue' in statement) return 'unknown'
  if ('vmap' in statement) return lookedUp(packet, statement.vmap, sets)
  if (!('xt' in statement) || statement.xt?.type !== 'target') return undefined
  if (statement.xt.name === 'REJECT') return { drop: null }
  return PASSING.includes(statement.xt.name) ? undefined : 'unknown'
}

function lookedUp(
  packet: ThoughtPacket,
  { key, data }: { readonly key: NftExpression; readonly data: NftExpression },
  sets: SetLookUp,
): NftVerdict | 'unknown' | undefined {
  const elements = typeof data === 'string' ? sets(data.replace(/^@/, '')) : membersOf(data)
  if (elements === undefined) return 'unknown'
  let doubtful = false
  for (const element of elements) {
    if (!Array.isArray(element)) continue
    const [wanted, verdict] = element as readonly NftExpression[]
    if (wanted === undefined || verdict === undefined) continue
    const answer = answerEqual(packet, key, keyOf(wanted), sets)
    if (answer === 'yes') return verdict as NftVerdict
    if (answer === 'maybe') doubtful = true
  }
  return doubtful ? 'unknown' : undefined
}

function membersOf(data: NftExpression): readonly NftExpression[] | undefined {
  if (typeof data !== 'object' || !('set' in data)) return undefined
  return Array.isArray(data.set) ? data.set : [data.set as NftExpression]
}
