/** A rule that accepts one flow, put where the packet meets it before whatever refuses it. */
import { type Packet, Protocol } from '../path/packet.ts'
import type { HookVisit, RuleReference } from './filter-rules.ts'

/** The command. Before a rule, in its chain; before a policy, at the head of its chain; before Docker's rules, where it wants people's. */
export function acceptingWords(rule: RuleReference, packet: Packet, { hook }: HookVisit): string[] {
  if (rule.backend === 'nftables') {
    const { family, table, chain, handle } = rule
    const before = handle === null ? [] : ['handle', String(handle)]
    return ['nft', 'insert', 'rule', family, table, chain, ...before, ...nftConditions(packet), 'accept']
  }
  const legacy = rule.backend === 'iptables-legacy' ? 'legacy' : 'nft'
  const program = `${rule.family === 'ip6' ? 'ip6tables' : 'iptables'}-${legacy}`
  const [chain, position] =
    isDockers(rule) && hook === 'forward' ? ['DOCKER-USER', 1] : [rule.chain, rule.position ?? 1]
  return [program, '-t', rule.table, '-I', chain, String(position), ...iptablesConditions(packet), '-j', 'ACCEPT']
}

/** Docker sends forwarded packets through DOCKER-USER before its own rules. */
function isDockers({ table, chain }: RuleReference): boolean {
  return table === 'filter' && /^DOCKER-/.test(chain) && chain !== 'DOCKER-USER'
}

function nftConditions(packet: Packet): string[] {
  const { source, destination, arp, protocol, icmp } = packet
  if (arp !== undefined) {
    return ['arp', 'operation', arp.operation, 'arp', 'saddr', 'ip', source, 'arp', 'daddr', 'ip', destination]
  }
  const header = packet.family === 'ipv4' ? 'ip' : 'ip6'
  const addresses = [header, 'saddr', source, header, 'daddr', destination]
  if (icmp !== undefined) return [...addresses, packet.family === 'ipv4' ? 'icmp' : 'icmpv6', 'type', String(icmp.type)]
  const name = protocol === Protocol.tcp ? 'tcp' : protocol === Protocol.udp ? 'udp' : undefined
  if (name === undefined) return [...addresses, 'meta', 'l4proto', String(protocol)]
  return [...addresses, name, ...servicePort(packet)]
}

/** The port of the service is the lower one: the other is new with each connection. */
function servicePort({ sourcePort, destinationPort }: Packet): string[] {
  return sourcePort < destinationPort ? ['sport', String(sourcePort)] : ['dport', String(destinationPort)]
}

function iptablesConditions(packet: Packet): string[] {
  const { source, destination, protocol, icmp, family } = packet
  const addresses = ['-s', source, '-d', destination]
  if (icmp !== undefined) {
    const type = family === 'ipv4' ? '--icmp-type' : '--icmpv6-type'
    return [...addresses, '-p', family === 'ipv4' ? 'icmp' : 'ipv6-icmp', type, String(icmp.type)]
  }
  const name = protocol === Protocol.tcp ? 'tcp' : protocol === Protocol.udp ? 'udp' : undefined
  if (name !== undefined) {
    const [end, port] = servicePort(packet)
    return [...addresses, '-p', name, `--${end}`, port!]
  }
  return [...addresses, '-p', String(protocol)]
}
