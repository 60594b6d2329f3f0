/** What filters and translates packets in one namespace, ready to be asked about a packet. */
import type { Link } from '../../kernel/index.ts'
import type { Packet, TrackedFlow } from '../path/packet.ts'

/** A rule, or the policy of a chain (`handle` null, `text` `policy drop`), named as its own tool names it. */
export interface RuleReference {
  /** `iptables` for tables that iptables-nft wrote: still to be read with nft, but people know them by that name. */
  readonly backend: 'nftables' | 'iptables' | 'iptables-legacy'
  /** `ip`, `ip6`, `inet`, `bridge`, `netdev`, `arp`. */
  readonly family: string
  readonly table: string
  readonly chain: string
  readonly handle: number | null
  /** Place in its chain, from 1; null for a policy. */
  readonly position: number | null
  /** In the notation of nft(8), or of iptables-save(8) for iptables' rules. */
  readonly text: string
}

/** Points on a packet's way at which rules are asked. `ingress` and `egress` are those of netdev chains, `arp` is ARP's. */
export type HookPoint = 'ingress' | 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting' | 'egress'

/** A packet at a hook. */
export interface HookVisit {
  /** Whose hook: the IP stack's (families ip, ip6, inet), a bridge's, a device's, or ARP's. */
  readonly layer: 'ip' | 'bridge' | 'netdev' | 'arp'
  readonly hook: HookPoint
  readonly packet: Packet
  readonly input: Link | undefined
  readonly output: Link | undefined
  /** Ports of a bridge that the frame came in by and goes out of, where br_netfilter shows them to the IP layer. */
  readonly inputPort?: Link | undefined
  readonly outputPort?: Link | undefined
  /** What this namespace's connection tracking knows of the flow; undefined when it has not seen it yet. */
  readonly flow: TrackedFlow | undefined
  /** The packet goes the other way of the flow. */
  readonly reply: boolean
  /** Whether routing finds the destination (or source) local, broadcast, …: for `fib` and `addrtype`. */
  addressType(address: string, onInterface?: number): string
  /** Route look-up for `fib … oif`: index of the interface that leads to `address`, 0 for none. */
  outputFor(address: string, mark: number): number
  /** Local address that masquerading would take on `output`. */
  masqueradeAddress(): string | undefined
}

/** What a translation did. */
export interface Translation {
  readonly kind: 'snat' | 'dnat' | 'masquerade' | 'redirect' | 'tproxy'
  /** `10.0.0.2:80` or an address alone. */
  readonly before: string
  readonly after: string
  /** Null when an earlier decision was applied again (a reply, or a later packet of the flow). */
  readonly rule: RuleReference | null
}

/** What became of a packet at a hook. */
export interface HookOutcome {
  /** `taken`: queued to a program, or duplicated away; nobody can tell what becomes of it. */
  readonly verdict: 'accept' | 'drop' | 'reject' | 'taken'
  /** With marks and addresses as the rules left them. */
  readonly packet: Packet
  readonly flow: TrackedFlow | undefined
  readonly translations: readonly Translation[]
  /** Who decided, when the verdict is not accept. */
  readonly rule: RuleReference | undefined
  /** What a rejecting rule answers: `tcp-reset`, `icmp-port-unreachable`, … */
  readonly rejectWith: string | undefined
  /**
   * Conditions that could not be decided (a rate limit, a random number, an unknown extension), one sentence each; the more
   * usual outcome was taken.
   */
  readonly doubts: readonly string[]
}

/** The rule sets of a namespace. */
export interface FilterRules {
  /** Nothing is asked at any hook of this layer. */
  isEmpty(layer: HookVisit['layer']): boolean
  /**
   * What the rules of all backends, connection tracking and translation make of a packet at a hook, in the order of their
   * priorities.
   */
  traverse(visit: HookVisit): HookOutcome
  /** Rules that could not be read or understood, one sentence each. */
  readonly warnings: readonly string[]
}
