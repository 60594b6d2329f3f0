/** The commands that let a packet pass the rules that refuse it. */
import type { Fix } from '../finding.ts'
import type { Packet } from '../path/packet.ts'
import { commandIn } from '../remedy/command-line.ts'
import type { Place } from '../scene/place.ts'
import { acceptingWords } from './accepting-rule.ts'
import type { HookVisit, RuleReference } from './filter-rules.ts'
import { KernelFilterRules, type Refuser } from './kernel-filter-rules.ts'
import { managerOf } from './rule-manager.ts'

/**
 * How to let a packet pass. A rule that names just such packets is deleted. Where others rely on what refuses (a policy, the
 * end of a chain, rules of Docker's or of a firewall's), a rule that accepts this flow alone goes before it. Further base chains
 * that would refuse the packet afterwards are dealt with too. It is never safe: somebody wanted the packet refused.
 * @param home inode of the namespace that the commands are typed in
 * @param rule what refused, as `visit` found it
 * @param packet as it was when it was refused
 * @param visit the question that was answered so
 */
export function filterRemedy(place: Place, home: string, rule: RuleReference, packet: Packet, visit: HookVisit): Fix {
  const known: Refuser = { rule, scope: rule.position === null ? 'all' : 'some' }
  const way = refusersOf(place, visit)
  const changes = (way.length > 0 ? way : [known]).map((refuser) => changeFor(refuser, packet, visit))
  const back = answerVisit(packet, visit)
  if (back !== undefined)
    changes.push(...refusersOf(place, back).map((refuser) => changeFor(refuser, back.packet, back)))
  const distinct = new Map(changes.map((change) => [change.words.join('\0'), change]))
  const ordered = [...distinct.values()].reverse()
  return {
    safe: false,
    summary: sentence([...distinct.values()], place),
    // Positions are those before the first change: what stands further back is changed first.
    commands: ordered.map(({ words }) => commandIn(place, home, words)),
  }
}

/** A change of the rules. */
interface Change {
  readonly words: readonly string[]
  readonly what: string
}

/** Everybody who refuses the packet at this hook. */
function refusersOf({ filters }: Place, visit: HookVisit): readonly Refuser[] {
  if (!(filters instanceof KernelFilterRules)) return []
  return filters.refusers(visit, (refuser) => (isDeletable(refuser) ? 'without-rule' : 'accepted-by-chain'))
}

/** A rule that is only supposed (`trace --what-if`) has no handle to delete it by. */
function isDeletable({ rule, scope }: Refuser): boolean {
  if (rule.backend !== 'iptables-legacy' && rule.handle === null) return false
  return rule.position !== null && scope === 'some' && managerOf(rule) === undefined
}

function changeFor(refuser: Refuser, packet: Packet, visit: HookVisit): Change {
  const { rule } = refuser
  if (isDeletable(refuser)) {
    return { words: deletingWords(rule), what: `delete the rule "${rule.text}" from ${chainWords(rule)}` }
  }
  return {
    words: acceptingWords(rule, packet, visit),
    what: `accept ${flowWords(packet)} in ${chainWords(rule)}${keptBy(rule)}`,
  }
}

/** The answer at the same hook, which it passes too where packets are forwarded. */
function answerVisit(packet: Packet, visit: HookVisit): HookVisit | undefined {
  if (visit.hook !== 'forward' || visit.reply || packet.arp !== undefined || packet.discovery !== undefined)
    return undefined
  const icmp = packet.icmp === undefined ? {} : { icmp: { ...packet.icmp, type: packet.family === 'ipv4' ? 0 : 129 } }
  const ports =
    packet.icmp === undefined ? { sourcePort: packet.destinationPort, destinationPort: packet.sourcePort } : {}
  const flags = packet.tcpFlags === undefined ? {} : { tcpFlags: 0x12 }
  const answer = { ...packet, source: packet.destination, destination: packet.source, ...ports, ...icmp, ...flags }
  const { flow } = visit
  return {
    ...visit,
    packet: answer,
    reply: true,
    input: visit.output,
    output: visit.input,
    inputPort: visit.outputPort,
    outputPort: visit.inputPort,
    flow: flow === undefined ? undefined : { ...flow, answered: true },
  }
}

function deletingWords({ backend, family, table, chain, handle, position }: RuleReference): string[] {
  if (backend !== 'iptables-legacy') return ['nft', 'delete', 'rule', family, table, chain, 'handle', String(handle)]
  return [family === 'ip6' ? 'ip6tables-legacy' : 'iptables-legacy', '-t', table, '-D', chain, String(position)]
}

function chainWords({ family, table, chain }: RuleReference): string {
  return `chain ${chain} of table ${family} ${table}`
}

function keptBy(rule: RuleReference): string {
  const manager = managerOf(rule)
  return manager === undefined ? '' : ` (${manager} keeps these rules, and may write them anew)`
}

function flowWords({ source, destination, destinationPort, protocol }: Packet): string {
  const port = protocol === 6 || protocol === 17 ? ` port ${destinationPort}` : ''
  return `packets from ${source} to ${destination}${port}`
}

function sentence(changes: readonly Change[], { label }: Place): string {
  const text = changes.map(({ what }) => what).join(', and ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}, in ${label}.`
}
