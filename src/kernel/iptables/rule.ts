/** Rule sets of iptables-legacy (iptables(8)) as values. */

/** Which of the two programs a table belongs to: iptables or ip6tables. */
export type IptablesFamily = 'ip' | 'ip6'

/** Points on a packet's way where built-in chains are called. */
export type IptablesHook = 'PREROUTING' | 'INPUT' | 'FORWARD' | 'OUTPUT' | 'POSTROUTING'

/** A table, as the kernel held it at one instant. */
export interface IptablesTable {
  readonly family: IptablesFamily
  readonly name: string
  readonly chains: readonly IptablesChain[]
  /** False when the kernel's bytes made no sense at some point; chains and rules before it are given. */
  readonly complete: boolean
}

/** A chain; with `hook` a built-in one. */
export interface IptablesChain {
  readonly name: string
  readonly hook: IptablesHook | undefined
  /** What happens at the end of a built-in chain. A chain of the user's own returns to its caller. */
  readonly policy: IptablesVerdict | undefined
  /** How often the policy was applied. */
  readonly policyCounters: IptablesCounters | undefined
  readonly rules: readonly IptablesRule[]
}

/** Packets and bytes. */
export interface IptablesCounters {
  readonly packets: bigint
  readonly bytes: bigint
}

/** A condition that may be negated (`!`). */
export interface IptablesCondition<T> {
  readonly value: T
  readonly inverted: boolean
}

/** A rule: the conditions that every rule can have, its extensions, its target. A condition left out is always met. */
export interface IptablesRule extends IptablesCounters {
  /** Network, as `10.0.0.0/8`; with a mask in dotted form when its bits are not contiguous. */
  readonly source: IptablesCondition<string> | undefined
  readonly destination: IptablesCondition<string> | undefined
  /** Interface; a `+` at the end stands for any rest of the name. */
  readonly inInterface: IptablesCondition<string> | undefined
  readonly outInterface: IptablesCondition<string> | undefined
  /** IP protocol number. */
  readonly protocol: IptablesCondition<number> | undefined
  /** Second and further fragments only. */
  readonly fragment: IptablesCondition<true> | undefined
  readonly matches: readonly IptablesExtension[]
  readonly target: IptablesTarget
}

/** An extension with its arguments, as far as they are known to us. */
export interface IptablesExtension {
  readonly name: string
  readonly revision: number
  /** Undefined when this extension, or this revision of it, is not decoded; its bytes are in `data`. */
  readonly options: readonly IptablesOption[] | undefined
  readonly data: Buffer
}

/** One option of an extension: `! --dport 80` is `{ name: 'dport', values: ['80'], inverted: true }`. */
export interface IptablesOption {
  readonly name: string
  readonly values: readonly string[]
  readonly inverted: boolean
}

/** What ends a packet's way through a chain. */
export type IptablesVerdict = 'ACCEPT' | 'DROP' | 'QUEUE' | 'RETURN'

/** What happens to packets that meet all conditions. `none`: they are counted. */
export type IptablesTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'verdict'; readonly verdict: IptablesVerdict }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | ({ readonly kind: 'extension' } & IptablesExtension)
