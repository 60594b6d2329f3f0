/**
 * What a rule is made of, as libnftables writes it in JSON (libnftables-json(5)): statements, which act or match, and
 * expressions, which name values. Each is an object with one property that says what it is, so `'match' in statement` tells
 * them apart. A newer library may give kinds that are not listed here; they arrive as they are and match no branch.
 */

/** An object with exactly one property, out of the properties of T. */
export type OneOf<T> = { readonly [K in keyof T]: { readonly [P in K]: T[P] } }[keyof T]

/** One value, or several. */
export type OneOrMany<T> = T | readonly T[]

/** What ends or moves a packet's way through the chains. */
export type NftVerdict = OneOf<NftVerdicts>

interface NftVerdicts {
  readonly accept: null
  readonly drop: null
  readonly continue: null
  readonly return: null
  readonly jump: { readonly target: string }
  readonly goto: { readonly target: string }
}

/** How a match compares. `in`: any of the bits on the right is set on the left. */
export type NftOperator = '==' | '!=' | '<' | '>' | '<=' | '>=' | 'in'

/** One step of a rule. */
export type NftStatement = NftVerdict | OneOf<NftStatements>

interface NftStatements {
  readonly match: { readonly left: NftExpression; readonly right: NftExpression; readonly op: NftOperator }
  /** A counter of the rule's own, or the name of one. `null` in commands: count from zero. */
  readonly counter: { readonly packets: number; readonly bytes: number } | string | null
  readonly mangle: { readonly key: NftExpression; readonly value: NftExpression }
  readonly quota: NftQuota | string
  readonly limit: NftLimit | string
  readonly fwd: { readonly dev: NftExpression; readonly family?: 'ip' | 'ip6'; readonly addr?: NftExpression }
  readonly dup: { readonly addr: NftExpression; readonly dev?: NftExpression }
  readonly notrack: null
  readonly snat: NftTranslation | null
  readonly dnat: NftTranslation | null
  readonly masquerade: NftTranslation | null
  readonly redirect: NftTranslation | null
  readonly reject: { readonly type?: 'tcp reset' | 'icmpx' | 'icmp' | 'icmpv6'; readonly expr?: NftExpression } | null
  readonly set: { readonly op: 'add' | 'update' | 'delete'; readonly elem: NftExpression; readonly set: string }
  readonly map: {
    readonly op: string
    readonly elem: NftExpression
    readonly data: NftExpression
    readonly map: string
  }
  readonly log: NftLog | null
  readonly meter: { readonly name: string; readonly key: NftExpression; readonly stmt: NftStatement }
  readonly queue: { readonly num?: NftExpression; readonly flags?: OneOrMany<string> } | null
  readonly vmap: { readonly key: NftExpression; readonly data: NftExpression }
  readonly tproxy: { readonly family?: 'ip' | 'ip6'; readonly addr?: NftExpression; readonly port?: NftExpression }
  readonly flow: { readonly op: string; readonly flowtable: string }
  readonly 'ct count': { readonly val: number; readonly inv?: boolean }
  readonly 'ct helper': NftExpression
  readonly 'ct timeout': NftExpression
  readonly 'ct expectation': NftExpression
  /** Made by iptables-nft with an extension that nftables cannot express; its arguments are not shown. */
  readonly xt: { readonly type: 'match' | 'target' | 'watcher'; readonly name: string } | null
}

/** A limit on bytes. */
export interface NftQuota {
  readonly val: number
  readonly val_unit?: string
  readonly used?: number
  readonly used_unit?: string
  /** Matches when the quota is exceeded. */
  readonly inv?: boolean
}

/** A limit on packets or bytes per time. */
export interface NftLimit {
  readonly rate: number
  readonly rate_unit?: string
  readonly per: string
  readonly burst?: number
  readonly burst_unit?: string
  /** Matches when the limit is exceeded. */
  readonly inv?: boolean
}

/** Where an address translation leads. */
export interface NftTranslation {
  readonly addr?: NftExpression
  readonly family?: 'ip' | 'ip6'
  readonly port?: NftExpression
  readonly flags?: OneOrMany<'random' | 'fully-random' | 'persistent'>
}

/** A line in the kernel's log, or a copy to a log group. */
export interface NftLog {
  readonly prefix?: string
  readonly group?: number
  readonly snaplen?: number
  readonly 'queue-threshold'?: number
  readonly level?: string
  readonly flags?: OneOrMany<string>
}

/** A value: a constant (`@name` refers to a set, `*` is any), a list of values, or something read from packet or kernel. */
export type NftExpression = string | number | boolean | readonly NftExpression[] | NftVerdict | OneOf<NftExpressions>

interface NftExpressions {
  readonly concat: readonly NftExpression[]
  /** An unnamed set; of a map, its elements are pairs. */
  readonly set: OneOrMany<NftExpression>
  readonly map: { readonly key: NftExpression; readonly data: NftExpression }
  readonly prefix: { readonly addr: NftExpression; readonly len: number }
  readonly range: readonly [NftExpression, NftExpression]
  readonly payload: NftPayload
  readonly exthdr: { readonly name: string; readonly field?: string; readonly offset?: number }
  readonly 'tcp option': { readonly name: string; readonly field?: string }
  readonly 'ip option': { readonly name: string; readonly field?: string }
  readonly 'sctp chunk': { readonly name: string; readonly field?: string }
  readonly meta: { readonly key: string }
  readonly rt: { readonly key: string; readonly family?: 'ip' | 'ip6' }
  readonly ct: { readonly key: string; readonly family?: 'ip' | 'ip6'; readonly dir?: 'original' | 'reply' }
  readonly numgen: { readonly mode: 'inc' | 'random'; readonly mod: number; readonly offset?: number }
  readonly jhash: {
    readonly mod: number
    readonly offset?: number
    readonly expr: NftExpression
    readonly seed?: number
  }
  readonly symhash: { readonly mod: number; readonly offset?: number }
  readonly fib: { readonly result: 'oif' | 'oifname' | 'type'; readonly flags?: OneOrMany<string> }
  readonly socket: { readonly key: string }
  readonly osf: { readonly key: string; readonly ttl?: string }
  readonly elem: NftElement
  readonly '|': readonly NftExpression[]
  readonly '^': readonly NftExpression[]
  readonly '&': readonly NftExpression[]
  readonly '<<': readonly NftExpression[]
  readonly '>>': readonly NftExpression[]
}

/** A field of a header by name, or a number of bits counted from the start of a layer (link, network, transport). */
export type NftPayload =
  | { readonly protocol: string; readonly field: string }
  | { readonly base: 'll' | 'nh' | 'th' | 'ih'; readonly offset: number; readonly len: number }

/** A set's element with what is remembered of it. Times in seconds. */
export interface NftElement {
  readonly val: NftExpression
  readonly timeout?: number
  readonly expires?: number
  readonly comment?: string
  readonly counter?: { readonly packets: number; readonly bytes: number }
}
