/** Asking the rule sets of a namespace about a packet at a hook. */
import { type Link, ownAddress } from '../../kernel/index.ts'
import type { HookOutcome, HookPoint, HookVisit, RuleReference } from '../filter/filter-rules.ts'
import { filterRemedy } from '../filter/index.ts'
import type { Place } from '../scene/place.ts'
import { addressesOf, addressTowards, isMulticastAddress, isUnspecified } from './addresses.ts'
import { hop, stopped } from './hops.ts'
import type { Packet } from './packet.ts'
import type { Stopped, Transit } from './transit.ts'
import type { Walk } from './walk.ts'

/** Where a packet is asked about. */
export interface HookPlace {
  readonly layer: HookVisit['layer']
  readonly hook: HookPoint
  readonly input?: Link | undefined
  readonly output?: Link | undefined
  readonly inputPort?: Link | undefined
  readonly outputPort?: Link | undefined
}

/** A packet that may go on, or its end. */
export type HookAnswer = { readonly kind: 'passed'; readonly transit: Transit } | Stopped

/** What the rules, connection tracking and translation make of the packet. */
export function visitHook(walk: Walk, place: Place, at: HookPlace, transit: Transit): HookAnswer {
  const { filters } = place
  if (filters.isEmpty(at.layer)) return { kind: 'passed', transit }
  const { packet } = transit
  const attached = transit.tracked?.inode === place.inode ? transit.tracked : undefined
  const { flow, reply } = attached ?? walk.trackedFlow(place, packet)
  const visit: HookVisit = {
    layer: at.layer,
    hook: at.hook,
    packet,
    input: at.input,
    output: at.output,
    inputPort: at.inputPort,
    outputPort: at.outputPort,
    flow,
    reply,
    addressType: (address, index) => addressType(place, address, index),
    outputFor: (address, mark) => outputFor(place, address, mark),
    masqueradeAddress: () => masqueradeAddress(place, at.output, packet),
  }
  const outcome = filters.traverse(visit)
  if (outcome.flow !== undefined && outcome.flow !== flow) walk.track(place, packet, flow, outcome.flow)
  for (const doubt of outcome.doubts) walk.doubts.add(doubt)
  const tracked = outcome.flow === undefined ? undefined : { inode: place.inode, flow: outcome.flow, reply }
  return judge(walk, place, visit, { ...transit, tracked }, outcome)
}

function judge(walk: Walk, place: Place, at: HookVisit, transit: Transit, outcome: HookOutcome): HookAnswer {
  let now: Transit = { ...transit, packet: outcome.packet }
  for (const translation of outcome.translations) {
    walk.translations.push({ place, translation, direction: walk.direction })
    const by = translation.rule === null ? '' : ` by ${ruleWords(translation.rule)}`
    const detail = `${translation.kind} ${translation.before} → ${translation.after}${by}`
    now = hop(walk, place, at.output ?? at.input, now, { action: 'nat', detail })
  }
  if (outcome.verdict === 'accept') return { kind: 'passed', transit: now }
  if (outcome.verdict === 'taken') {
    walk.doubts.add(`${outcome.rule === undefined ? 'A rule' : ruleWords(outcome.rule)} hands the packet to a program.`)
    return { kind: 'passed', transit: now }
  }
  return filtered(walk, place, at, now, outcome)
}

function filtered(walk: Walk, place: Place, at: HookVisit, transit: Transit, outcome: HookOutcome): Stopped {
  const { rule } = outcome
  const rejects = outcome.verdict === 'reject'
  const words = rule === undefined ? 'A filter' : capital(ruleWords(rule))
  const summary = `${words} in ${place.label} ${rejects ? 'rejects' : 'drops'} ${describe(transit.packet)}.`
  return stopped(
    walk,
    {
      code: 'filtered',
      place,
      link: at.input ?? at.output,
      towards: at.outputPort ?? at.output,
      rule,
      summary,
      evidence: rule === undefined ? [] : [{ fact: `${place.label}: ${rule.text}`, source: sourceOf(rule) }],
      fix: rule === undefined ? null : filterRemedy(place, walk.scene.home, rule, at.packet, at),
      refused: rejects,
    },
    transit,
  )
}

function sourceOf(rule: RuleReference): string {
  return rule.backend === 'iptables-legacy' ? 'iptables-legacy' : 'nftables'
}

/** A rule, as a sentence names it: `rule 4 of chain transit of table inet guard`. */
export function ruleWords(rule: RuleReference): string {
  const chain = `chain ${rule.chain} of table ${rule.family} ${rule.table}`
  if (rule.position === null) return `the policy of ${chain}`
  return `rule ${rule.handle === null ? rule.position : `with handle ${rule.handle}`} of ${chain}`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

const PROTOCOLS: Readonly<Record<number, string>> = { 1: 'ICMP', 6: 'TCP', 17: 'UDP', 58: 'ICMPv6' }

/** A packet in a few words: `TCP from 10.0.0.2 to 10.0.0.3 port 80`. */
export function describe(packet: Packet): string {
  if (packet.arp !== undefined) return `the ARP ${packet.arp.operation} of ${packet.source} for ${packet.destination}`
  if (packet.discovery !== undefined) {
    const what = packet.icmp?.type === 135 ? 'solicitation' : 'advertisement'
    return `the neighbour ${what} for ${packet.discovery.target}`
  }
  const name = PROTOCOLS[packet.protocol] ?? `IP protocol ${packet.protocol}`
  const port = packet.destinationPort === 0 ? '' : ` port ${packet.destinationPort}`
  return `${name} from ${packet.source} to ${packet.destination}${port}`
}

/** Kind of an address as routing sees it: `local`, `broadcast`, `multicast`, `unicast`, … */
export function addressType(place: Place, address: string, index?: number): string {
  if (isUnspecified(address)) return 'unspec'
  const owners = place.addresses.filter((entry) => ownAddress(entry) === address)
  if (owners.some((entry) => index === undefined || entry.index === index)) return 'local'
  if (isMulticastAddress(address)) return 'multicast'
  const broadcast = place.addresses.some(
    (entry) => entry.broadcast === address && (index === undefined || entry.index === index),
  )
  if (broadcast || address === '255.255.255.255') return 'broadcast'
  const answer = place.lookUpRoute({ destination: address })
  if (answer.kind === 'local' && index !== undefined && owners.length > 0) return 'unicast'
  return answer.kind === 'none' ? 'unreachable' : answer.kind
}

function outputFor(place: Place, address: string, mark: number): number {
  const answer = place.lookUpRoute({ destination: address, mark })
  return answer.kind === 'unicast' || answer.kind === 'local' ? answer.output : 0
}

/** inet_select_addr: an address in the next hop's subnet, or else the first of the interface. */
function masqueradeAddress(place: Place, output: Link | undefined, packet: Packet): string | undefined {
  if (output === undefined) return undefined
  const route = place.lookUpRoute({ destination: packet.destination, outputInterface: output.index })
  const towards = addressTowards(place, output.index, route.gateway ?? packet.destination)
  const entry = towards ?? addressesOf(place, output.index, packet.family).find((own) => own.scope === 0)
  return entry === undefined ? route.source : ownAddress(entry)
}
