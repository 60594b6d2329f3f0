/** The rules of one network: what may leave it, what may enter it, and how addresses are translated at its border. */
import type { NftCommand, NftExpression, NftStatement } from '../../../kernel/index.ts'
import type { NetworkRecord } from '../../model.ts'
import type { BridgeSettings } from './bridge-options.ts'
import { poolOf } from './pools.ts'
import {
  chain,
  chainAway,
  elements,
  field,
  MapName,
  match,
  meta,
  prefix,
  rule,
  type SourceJump,
  sourceElement,
  tableCommands,
  translated,
} from './table.ts'

const ACCEPT: NftStatement = { accept: null }
const DROP: NftStatement = { drop: null }
const MASQUERADE: NftStatement = { masquerade: null }

/** Names of a network's chains. */
function chainsOf(network: NetworkRecord) {
  const short = network.id.slice(0, 12)
  return {
    from: `from-${short}`,
    to: `to-${short}`,
    entering: `entering-${short}`,
    leaving: { 4: `leaving4-${short}`, 6: `leaving6-${short}` },
  }
}

/** A network and what its options say. */
export interface RuledNetwork {
  readonly network: NetworkRecord
  readonly settings: BridgeSettings
}

/** Commands that make the table with the rules of all these networks; it must not exist yet. */
export function filledTableCommands(networks: readonly RuledNetwork[]): NftCommand[] {
  const sources = networks.flatMap(({ network }) => sourceJumps(network))
  return [
    ...tableCommands(sources),
    ...networks.flatMap((one) => [...ruleCommands(one), ...interfaceElements('add', one)]),
  ]
}

/** Commands that put a network's rules in place, where there are none of it. */
export function networkCommands(network: NetworkRecord, settings: BridgeSettings): NftCommand[] {
  const one = { network, settings }
  return [...ruleCommands(one), ...interfaceElements('add', one), ...sourceElements('add', network)]
}

function ruleCommands({ network, settings }: RuledNetwork): NftCommand[] {
  const chains = chainsOf(network)
  const names = [chains.from, chains.to, chains.entering, chains.leaving[4], chains.leaving[6]]
  return [
    ...names.map((name) => chain(name)),
    ...fromRules(chains.from, network, settings),
    ...toRules(chains.to, network, settings),
    ...enteringRules(chains.entering, network),
    ...([4, 6] as const).flatMap((family) => leavingRules(chains.leaving[family], family, network, settings)),
  ]
}

/** Commands that take a network's rules away, whether or not all of them exist. */
export function networkAwayCommands(network: NetworkRecord, settings: BridgeSettings): NftCommand[] {
  const chains = chainsOf(network)
  const names = [chains.from, chains.to, chains.entering, chains.leaving[4], chains.leaving[6]]
  const one = { network, settings }
  return [
    ...names.map((name) => chain(name)),
    // What is added first cannot be missing when it is deleted.
    ...interfaceElements('add', one),
    ...sourceElements('add', network),
    ...interfaceElements('delete', one),
    ...sourceElements('delete', network),
    ...names.flatMap((name) => [chainAway('flush', name), chainAway('delete', name)]),
  ]
}

function interfaceElements(verb: 'add' | 'delete', { network, settings: { bridgeName } }: RuledNetwork): NftCommand[] {
  const chains = chainsOf(network)
  const jump = (target: string): NftExpression => [bridgeName, { jump: { target } }]
  return [
    elements(verb, MapName.bridges, [bridgeName]),
    elements(verb, MapName.from, [jump(chains.from)]),
    elements(verb, MapName.to, [jump(chains.to)]),
    elements(verb, MapName.entering, [jump(chains.entering)]),
  ]
}

function sourceElements(verb: 'add' | 'delete', network: NetworkRecord): NftCommand[] {
  return sourceJumps(network).map((jump) => elements(verb, MapName.sources[jump.family], [sourceElement(jump)]))
}

function sourceJumps(network: NetworkRecord): SourceJump[] {
  const { leaving } = chainsOf(network)
  return ([4, 6] as const).flatMap((family) => {
    const pool = poolOf(network, family)?.pool
    return pool === undefined ? [] : [{ family, pool, chain: leaving[family] }]
  })
}

/** What containers send: nowhere but to each other when the network is internal, not to each other without ICC. */
function fromRules(name: string, network: NetworkRecord, { bridgeName, icc }: BridgeSettings): NftCommand[] {
  const among = match(meta('oifname'), bridgeName)
  return [
    ...(network.internal ? [rule(name, match(meta('oifname'), bridgeName, '!='), DROP)] : []),
    // Port isolation keeps frames apart on the bridge; this keeps packets apart that take the way round by the gateway.
    ...(icc ? [rule(name, among, ACCEPT)] : [rule(name, among, translated, ACCEPT), rule(name, among, DROP)]),
  ]
}

/** What containers are sent from beyond the bridge: published ports, in some modes more. */
function toRules(name: string, network: NetworkRecord, settings: BridgeSettings): NftCommand[] {
  const { bridgeName, trustedHostInterfaces, gatewayModes } = settings
  if (network.internal) return [rule(name, match(meta('iifname'), bridgeName, '!='), DROP)]
  return [
    rule(name, match(meta('iifname'), bridgeName), ACCEPT),
    rule(name, translated, ACCEPT),
    ...trustedHostInterfaces.map((trusted) => rule(name, match(meta('iifname'), trusted), ACCEPT)),
    ...modeRules(name, 4, gatewayModes[4]),
    ...modeRules(name, 6, gatewayModes[6]),
    rule(name, DROP),
  ]
}

function modeRules(name: string, family: 4 | 6, mode: BridgeSettings['gatewayModes'][4]): NftCommand[] {
  const isFamily = match(meta('nfproto'), family === 4 ? 'ipv4' : 'ipv6')
  if (mode === 'nat-unprotected') {
    // Open to the world, but our networks stay apart.
    const foreign = match(meta('iifname'), `@${MapName.bridges}`, '!=')
    return [rule(name, isFamily, foreign, ACCEPT)]
  }
  if (mode !== 'routed') return []
  const key = { concat: [field(family === 4 ? 'ip' : 'ip6', 'daddr'), meta('l4proto'), field('th', 'dport')] }
  return [
    rule(name, match(meta('l4proto'), family === 4 ? 'icmp' : 'ipv6-icmp'), isFamily, ACCEPT),
    rule(name, match(key, `@${MapName.open[family]}`), ACCEPT),
  ]
}

/**
 * Sources that a container's answer would not find back: a neighbour that came by way of the host (the answer would go to it
 * directly, unasked), and the host's loopback of IPv4.
 */
function enteringRules(name: string, network: NetworkRecord): NftCommand[] {
  const hairpin = ([4, 6] as const).flatMap((family) => {
    const pool = poolOf(network, family)?.pool
    const source = field(family === 4 ? 'ip' : 'ip6', 'saddr')
    return pool === undefined ? [] : [rule(name, translated, match(source, prefix(pool)), MASQUERADE)]
  })
  return [...hairpin, rule(name, match(field('ip', 'saddr'), prefix('127.0.0.0/8')), MASQUERADE)]
}

/** Translation of what leaves the network, where the mode of its family has one. */
function leavingRules(name: string, family: 4 | 6, network: NetworkRecord, settings: BridgeSettings): NftCommand[] {
  const mode = settings.gatewayModes[family]
  if (network.internal || !settings.masquerade || mode === 'routed' || mode === 'isolated') return []
  const source = settings.sourceAddress[family]
  const translation: NftStatement =
    source === undefined ? MASQUERADE : { snat: { family: family === 4 ? 'ip' : 'ip6', addr: source } }
  return [rule(name, match(meta('oifname'), settings.bridgeName, '!='), translation)]
}
