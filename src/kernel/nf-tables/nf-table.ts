/** The rule set of nf_tables as values: tables, and what is in them. */
import type { NfExpression } from './expression.ts'
import type { NfData } from './nf-data.ts'

/** Which packets a table sees. */
export type NfFamily = 'ip' | 'ip6' | 'inet' | 'arp' | 'bridge' | 'netdev'

/** Points where base chains are asked. */
export type NfHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'ingress' | 'egress'

/** A table. */
export interface NfTable {
  readonly family: NfFamily
  readonly name: string
  readonly handle: number
  /** It sleeps: nothing in it is asked. */
  readonly dormant: boolean
  readonly chains: readonly NfChain[]
  readonly sets: readonly NfSet[]
  readonly objects: readonly NfObject[]
  readonly flowtables: readonly NfFlowtable[]
}

/** Where a base chain is asked. */
export interface NfBase {
  readonly hook: NfHook
  readonly priority: number
  readonly type: 'filter' | 'nat' | 'route' | (string & {})
  readonly policy: 'accept' | 'drop'
  /** Of the netdev family, and of ingress in the family inet. */
  readonly devices: readonly string[]
}

/** A chain; with `base` one that the kernel asks. */
export interface NfChain {
  readonly name: string
  readonly handle: number
  readonly base: NfBase | undefined
  readonly rules: readonly NfRule[]
}

/** A rule. */
export interface NfRule {
  readonly handle: number
  readonly expressions: readonly NfExpression[]
  /** Set by iptables-nft: the IP protocol that its extensions are to be asked for. */
  readonly compatProtocol: number | undefined
  /** What the tool that wrote it left for itself: comments. */
  readonly userData: Buffer | undefined
}

/** A set, or a map. */
export interface NfSet {
  readonly name: string
  readonly handle: number
  readonly anonymous: boolean
  readonly interval: boolean
  readonly isMap: boolean
  /** Keys in front of each other, by bytes; of concatenations alone. Each field takes a multiple of four bytes. */
  readonly fields: readonly number[]
  readonly keyLength: number
  readonly elements: readonly NfElement[]
}

/** An element of a set. */
export interface NfElement {
  /** Undefined in the one that stands for every key that no other has. */
  readonly key: Buffer | undefined
  /** Last key of a range; of concatenations alone. */
  readonly keyEnd: Buffer | undefined
  /** An interval ends before this key. */
  readonly intervalEnd: boolean
  readonly data: NfData | undefined
  /** Name of the object that it stands for. */
  readonly object: string | undefined
  readonly expressions: readonly NfExpression[]
}

/** A named object: what its expression would be in a rule. */
export interface NfObject {
  readonly name: string
  readonly type: number
  readonly state: NfExpression | undefined
}

/** A flow table: packets of flows that a rule put there go past the chains, from interface to interface. */
export interface NfFlowtable {
  readonly name: string
  readonly handle: number
  readonly priority: number
  readonly devices: readonly string[]
}
