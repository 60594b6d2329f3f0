/** From the kernel's blob of a table to chains and rules. */
import { readS32 } from '../netlink/byte-order.ts'
import { cText, type Entry, readEntries } from './entry.ts'
import { decodeMatch, decodeTarget } from './extensions.ts'
import { interfacePattern, networkPattern } from './patterns.ts'
import type {
  IptablesChain,
  IptablesCondition,
  IptablesFamily,
  IptablesHook,
  IptablesRule,
  IptablesTable,
  IptablesTarget,
  IptablesVerdict,
} from './rule.ts'

/** What getsockopt(IPT_SO_GET_INFO) says of a table: offsets of its built-in chains and of their policies, by hook. */
export interface TableInfo {
  /** Bit n: the table has a chain on hook n. */
  readonly validHooks: number
  readonly hookEntries: readonly number[]
  readonly underflows: readonly number[]
}

/** Hooks in the order of their numbers (linux/netfilter.h). */
const hooks: readonly IptablesHook[] = ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING']

const ERROR_TARGET = 'ERROR'
const STANDARD_TARGET = ''
/** Verdicts are −(number) − 1, RETURN is −NF_REPEAT − 1 (x_tables.h). */
const verdicts = new Map<number, IptablesVerdict>([
  [-1, 'DROP'],
  [-2, 'ACCEPT'],
  [-4, 'QUEUE'],
  [-5, 'RETURN'],
])

const INV_IN = 0x01
const INV_OUT = 0x02
const INV_SOURCE = 0x08
const INV_DESTINATION = 0x10
const INV_FRAGMENT = 0x20
const INV_PROTOCOL = 0x40

/** Entries that belong to one chain: its rules, then its policy (built-in) or an unconditional RETURN (the user's). */
interface Stretch {
  readonly name: string
  readonly hook: IptablesHook | undefined
  readonly entries: Entry[]
}

/** Decodes the entries of a table. Bytes that make no sense end it early; nothing throws. */
export function decodeTable(family: IptablesFamily, name: string, info: TableInfo, blob: Buffer): IptablesTable {
  const { entries, complete } = readEntries(blob, family)
  const stretches = splitChains(entries, info)
  const starts = new Map<number, string>()
  for (const { name, hook, entries } of stretches) {
    if (hook === undefined && entries[0] !== undefined) starts.set(entries[0].offset, name)
  }
  return { family, name, complete, chains: stretches.map((stretch) => decodeChain(stretch, family, starts)) }
}

/**
 * A built-in chain begins where a hook enters; a chain of the user's begins behind an entry whose target ERROR carries its
 * name. The last entry of the blob is such an entry too, with the name ERROR and nothing behind it.
 */
function splitChains(entries: readonly Entry[], info: TableInfo): Stretch[] {
  const out: Stretch[] = []
  for (const entry of entries) {
    const hook = hooks.find((_, n) => ((info.validHooks >>> n) & 1) === 1 && info.hookEntries[n] === entry.offset)
    if (hook !== undefined) out.push({ name: hook, hook, entries: [entry] })
    else if (entry.target.name === ERROR_TARGET) out.push({ name: cText(entry.target.data), hook, entries: [] })
    else out.at(-1)?.entries.push(entry)
  }
  return out.filter(({ entries }) => entries.length > 0)
}

function decodeChain({ name, hook, entries }: Stretch, family: IptablesFamily, starts: Starts): IptablesChain {
  const end = entries.at(-1)!
  const rules = entries.slice(0, -1).map((entry) => decodeRule(entry, family, starts))
  if (hook === undefined) return { name, hook, policy: undefined, policyCounters: undefined, rules }
  return {
    name,
    hook,
    policy: verdictOf(end),
    policyCounters: { packets: end.packets, bytes: end.bytes },
    rules,
  }
}

/** Names of the user's chains by the offset of their first entry. */
type Starts = ReadonlyMap<number, string>

function decodeRule(entry: Entry, family: IptablesFamily, starts: Starts): IptablesRule {
  const { inverted } = entry
  const isFragment = family === 'ip' && (entry.flags & 1) !== 0
  return {
    source: condition(networkPattern(entry.source, entry.sourceMask), inverted & INV_SOURCE),
    destination: condition(networkPattern(entry.destination, entry.destinationMask), inverted & INV_DESTINATION),
    inInterface: condition(interfacePattern(entry.inInterface, entry.inInterfaceMask), inverted & INV_IN),
    outInterface: condition(interfacePattern(entry.outInterface, entry.outInterfaceMask), inverted & INV_OUT),
    protocol: condition(entry.protocol === 0 ? undefined : entry.protocol, inverted & INV_PROTOCOL),
    fragment: condition(isFragment ? true : undefined, inverted & INV_FRAGMENT),
    matches: entry.matches.map((match) => decodeMatch(match, family)),
    target: decodeRuleTarget(entry, family, starts),
    packets: entry.packets,
    bytes: entry.bytes,
  }
}

function condition<T>(value: T | undefined, inverted: number): IptablesCondition<T> | undefined {
  return value === undefined ? undefined : { value, inverted: inverted !== 0 }
}

function decodeRuleTarget(entry: Entry, family: IptablesFamily, starts: Starts): IptablesTarget {
  if (entry.target.name !== STANDARD_TARGET) return { kind: 'extension', ...decodeTarget(entry.target, family) }
  const verdict = verdictOf(entry)
  if (verdict !== undefined) return { kind: 'verdict', verdict }
  const offset = standardValue(entry)
  // A rule without a target jumps to the one behind it.
  if (offset === entry.next) return { kind: 'none' }
  const chain = starts.get(offset)
  if (chain === undefined) return { kind: 'extension', ...decodeTarget(entry.target, family) }
  return { kind: (entry.flags & gotoFlag[family]) === 0 ? 'jump' : 'goto', chain }
}

/** IPT_F_GOTO and IP6T_F_GOTO. */
const gotoFlag: Record<IptablesFamily, number> = { ip: 2, ip6: 4 }

function verdictOf(entry: Entry): IptablesVerdict | undefined {
  return entry.target.name === STANDARD_TARGET ? verdicts.get(standardValue(entry)) : undefined
}

/** Of the standard target: a verdict below zero, or the offset to jump to. */
function standardValue(entry: Entry): number {
  return entry.target.data.length >= 4 ? readS32(entry.target.data, 0) : Number.NaN
}
