/**
 * Who is asked at a hook, in which order: base chains of nf_tables and tables of iptables-legacy by their priorities,
 * connection tracking and translation at theirs (linux/netfilter_ipv4.h, enum nf_ip_hook_priorities).
 */
import type { IptablesHook, IptablesTable, NfTable } from '../../kernel/index.ts'
import { type ChainEnd, type CompiledChain, runChain } from './chain.ts'
import type { HookPoint, HookVisit } from './filter-rules.ts'
import { compileTable as compileLegacyTable } from './iptables/compile-table.ts'
import { compileTable, type RuleText } from './nft/compile-table.ts'
import type { Named, Passage } from './passage.ts'
import { confirm, track } from './tracking.ts'
import type { TrackedLayer } from './tracking-needs.ts'
import { applyTranslation, type Manipulation, setUpTranslation } from './translation.ts'

/** Somebody who is asked at a hook. */
export interface Listener {
  readonly priority: number
  /** Interfaces that it is asked about; undefined: all. */
  readonly devices?: readonly string[] | undefined
  /** @returns undefined when the packet may go on */
  ask(passage: Passage): ChainEnd | undefined
}

/** Listeners of each hook, in their order. */
export type HookOrder = ReadonlyMap<string, readonly Listener[]>

/** Names a hook of a layer; the IP layer has its hooks once for each family. */
export function hookKey(layer: HookVisit['layer'], hook: HookPoint, family: 'ipv4' | 'ipv6'): string {
  return layer === 'ip' ? `${family} ${hook}` : `${layer} ${hook}`
}

const Priority = { track: -200, translateDestination: -100, translateSource: 100, confirm: 2 ** 31 - 1 } as const
const legacyPriorities: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 }

/** A chain that waits to be asked, before it is known who else listens there. */
interface Candidate {
  readonly key: string
  readonly priority: number
  readonly registered: number
  readonly translates: boolean
  readonly devices: readonly string[] | undefined
  ask(passage: Passage): ChainEnd | undefined
}

/** Puts everybody in order. */
export function hookOrder(
  tables: readonly NfTable[],
  legacy: readonly IptablesTable[],
  tracked: ReadonlySet<TrackedLayer>,
  text: RuleText,
): HookOrder {
  const candidates = [
    ...tables.filter((table) => !table.dormant).flatMap((table) => candidatesOf(table, text)),
    ...legacy.flatMap(legacyCandidates),
  ].sort((a, b) => a.priority - b.priority || b.registered - a.registered)
  const order = new Map<string, Listener[]>()
  const add = (key: string, listener: Listener): void => {
    order.set(key, [...(order.get(key) ?? []), listener])
  }
  for (const candidate of candidates) if (!candidate.translates) add(candidate.key, candidate)
  addTranslation(candidates, add)
  addTracking(tracked, add)
  for (const listeners of order.values()) listeners.sort((a, b) => a.priority - b.priority)
  return order
}

type Add = (key: string, listener: Listener) => void

/** Chains of translation are asked at the priorities of translation, whatever theirs: it orders them among themselves. */
function addTranslation(candidates: readonly Candidate[], add: Add): void {
  for (const family of ['ipv4', 'ipv6'] as const) {
    const chains = candidates.filter(({ key, translates }) => translates && key.startsWith(`${family} `))
    if (chains.length === 0) continue
    for (const [hook, side] of translationHooks) {
      const key = hookKey('ip', hook, family)
      const own = chains.filter((chain) => chain.key === key)
      const priority = side === 'destination' ? Priority.translateDestination : Priority.translateSource
      add(key, { priority, ask: (passage) => translate(passage, side, own) })
    }
  }
}

const translationHooks: readonly (readonly [HookPoint, Manipulation])[] = [
  ['prerouting', 'destination'],
  ['output', 'destination'],
  ['input', 'source'],
  ['postrouting', 'source'],
]

function addTracking(tracked: ReadonlySet<TrackedLayer>, add: Add): void {
  const tracking: Listener = { priority: Priority.track, ask: quietly(track) }
  const confirming: Listener = { priority: Priority.confirm, ask: quietly(confirm) }
  for (const layer of tracked) {
    add(`${layer} prerouting`, tracking)
    if (layer !== 'bridge') add(`${layer} output`, tracking)
    if (layer !== 'bridge') add(`${layer} input`, confirming)
    add(`${layer} postrouting`, confirming)
  }
}

function quietly(act: (passage: Passage) => void): Listener['ask'] {
  return (passage) => {
    act(passage)
    return undefined
  }
}

/** Rules are asked about the first packet of a flow alone; what they decided is done to all of its packets. */
function translate(passage: Passage, side: Manipulation, chains: readonly Candidate[]): ChainEnd | undefined {
  const flow = passage.tracked
  if (flow === undefined) return undefined
  passage.newEnd = undefined
  let rule: Named | undefined
  const isUndecided = side === 'destination' ? passage.isFirst : flow.unconfirmed === true
  if (isUndecided && passage.connectionState === 'new') {
    for (const chain of chains) {
      const end = chain.ask(passage)
      if (end !== undefined && end.decision.kind !== 'accept') return end
      if (passage.newEnd === undefined) continue
      rule = end?.rule ?? passage.rule
      setUpTranslation(passage, side)
      break
    }
  }
  applyTranslation(passage, side, rule)
  passage.newEnd = undefined
  return undefined
}

const layersOf = {
  ip: ['ipv4'],
  ip6: ['ipv6'],
  inet: ['ipv4', 'ipv6'],
  bridge: ['bridge'],
  arp: ['arp'],
  netdev: ['netdev'],
} as const

function candidatesOf(table: NfTable, text: RuleText): Candidate[] {
  const { chains, base } = compileTable(table, text)
  return base.flatMap(({ chain, base: { hook, priority, type, policy, devices }, registered, policyName }) => {
    const isDevice = table.family === 'netdev' || hook === 'ingress' || hook === 'egress'
    const ask = asking(chain, chains, policy, policyName)
    const layers: readonly string[] = isDevice ? ['netdev'] : layersOf[table.family]
    return layers.map((layer) => ({
      key: `${layer} ${hook}`,
      priority,
      registered,
      translates: type === 'nat',
      devices: isDevice ? devices : undefined,
      ask: isDevice && table.family === 'inet' ? exceptArp(ask) : ask,
    }))
  })
}

/** Tables of family inet see IP only, also at a device (nft_do_chain_inet_ingress). */
function exceptArp(ask: Listener['ask']): Listener['ask'] {
  return (passage) => (passage.packet.arp === undefined ? ask(passage) : undefined)
}

function legacyCandidates(table: IptablesTable): Candidate[] {
  const { chains, builtIn } = compileLegacyTable(table)
  const family = table.family === 'ip' ? 'ipv4' : 'ipv6'
  return builtIn.map(({ chain, hook, policy, policyName }) => ({
    key: hookKey('ip', hook.toLowerCase() as Lowercase<IptablesHook>, family),
    priority: table.name === 'nat' ? 0 : (legacyPriorities[table.name] ?? 0),
    registered: 0,
    translates: table.name === 'nat',
    devices: undefined,
    ask: asking(chain, chains, policy, policyName),
  }))
}

function asking(
  chain: CompiledChain,
  chains: ReadonlyMap<string, CompiledChain>,
  policy: 'accept' | 'drop',
  policyName: Named,
): Listener['ask'] {
  return (passage) => {
    const end = runChain(passage, chain, chains)
    if (end !== undefined) return end
    return policy === 'drop' && !passage.lifted.has(policyName)
      ? { decision: { kind: 'drop' }, rule: policyName }
      : undefined
  }
}
