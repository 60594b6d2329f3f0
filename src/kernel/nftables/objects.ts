/** The objects of an nftables rule set and the commands on them, as libnftables-json(5) writes them. */
import type { NftExpression, NftStatement, OneOf, OneOrMany } from './statements.ts'

/** Which packets a table sees: `inet` those of ip and ip6, `netdev` those of single interfaces. */
export type NftFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev'

/** Where a base chain listens (nft(8), address families). */
export type NftHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress'

/** What a base chain may do. */
export type NftChainType = 'filter' | 'nat' | 'route'

/** What names a table. */
export interface NftTableName {
  readonly family: NftFamily
  readonly name: string
}

/** What names a chain, a set, a map or another object within a table. */
export interface NftName {
  readonly family: NftFamily
  readonly table: string
  readonly name: string
}

/** A table. Handles number the objects of a kind; the kernel gives them, and commands may leave them out. */
export interface NftTable extends NftTableName {
  readonly handle?: number
  readonly comment?: string
}

/** A chain; with `hook` a base chain, which the kernel sends packets to, otherwise one that rules jump to. */
export interface NftChain extends NftName {
  readonly handle?: number
  readonly type?: NftChainType
  readonly hook?: NftHook
  /** Base chains on a hook run in ascending order. */
  readonly prio?: number
  /** Interfaces, in the netdev family and for ingress. */
  readonly dev?: OneOrMany<string>
  /** What happens to packets at the end of a base chain. */
  readonly policy?: 'accept' | 'drop'
  readonly comment?: string
}

/** What names a rule. */
export interface NftRuleName {
  readonly family: NftFamily
  readonly table: string
  readonly chain: string
  readonly handle: number
}

/** A rule. In commands, `handle` or `index` names the rule to add it after (`add`) or before (`insert`). */
export interface NftRule {
  readonly family: NftFamily
  readonly table: string
  readonly chain: string
  readonly handle?: number
  readonly index?: number
  readonly comment?: string
  readonly expr: readonly NftStatement[]
}

/** A named set. Times in seconds. */
export interface NftSet extends NftName {
  readonly handle?: number
  readonly type: OneOrMany<string> | NftExpression
  readonly policy?: 'performance' | 'memory'
  readonly flags?: OneOrMany<string>
  /** Left out of an empty set and of a listing of names (`sets`, `maps`). */
  readonly elem?: readonly NftExpression[]
  readonly timeout?: number
  readonly 'gc-interval'?: number
  readonly size?: number
  readonly comment?: string
}

/** A named map: `type` of the keys, `map` of the values (`verdict` in a verdict map); elements are pairs. */
export interface NftMap extends NftSet {
  readonly map: OneOrMany<string> | NftExpression
}

/** Elements of a named set or map, to add or delete. */
export interface NftElements extends NftName {
  readonly elem: readonly NftExpression[]
}

/** A named counter. */
export interface NftCounter extends NftName {
  readonly handle?: number
  readonly packets?: number
  readonly bytes?: number
}

/** A flow table: connections that go from interface to interface past the chains. */
export interface NftFlowtable extends NftName {
  readonly handle?: number
  readonly hook: 'ingress'
  readonly prio: number
  readonly dev?: OneOrMany<string>
}

/** Any other named object: quota, limit, conntrack helper … */
export interface NftOther extends NftName {
  readonly handle?: number
  readonly [property: string]: unknown
}

interface NftObjects {
  readonly table: NftTable
  readonly chain: NftChain
  readonly rule: NftRule
  readonly set: NftSet
  readonly map: NftMap
  readonly element: NftElements
  readonly counter: NftCounter
  readonly flowtable: NftFlowtable
  readonly quota: NftOther
  readonly limit: NftOther
  readonly 'ct helper': NftOther
  readonly 'ct timeout': NftOther
  readonly 'ct expectation': NftOther
}

/** An element of a rule set: an object with one property that says what it is. */
export type NftObject = OneOf<NftObjects>

/** What names an object to delete or empty; rules by handle. */
export type NftReference = OneOf<
  { readonly table: NftTableName; readonly rule: NftRuleName; readonly element: NftElements } & {
    readonly [K in Exclude<keyof NftObjects, 'table' | 'rule' | 'element'>]: NftName
  }
>

/** A step of a transaction. `add` accepts what exists already, `create` does not. */
export type NftCommand = OneOf<{
  readonly add: NftObject
  readonly create: NftObject
  readonly insert: { readonly rule: NftRule }
  readonly replace: { readonly rule: NftRule & NftRuleName }
  readonly delete: NftReference
  readonly flush: NftReference | { readonly ruleset: NftScope | null }
  readonly rename: { readonly chain: NftName & { readonly newname: string } }
}>

/** Restricts a listing to a family. */
export interface NftScope {
  readonly family?: NftFamily
}

/** What to list: everything, one object with what it holds, or all of a kind. */
export type NftListing = OneOf<{
  readonly ruleset: NftScope | null
  readonly table: NftTableName
  readonly chain: NftName
  readonly set: NftName
  readonly map: NftName
  readonly tables: NftScope | null
  readonly chains: NftScope | null
  readonly sets: NftScope | null
  readonly maps: NftScope | null
  readonly counters: NftScope | null
  readonly flowtables: NftScope | null
}>
