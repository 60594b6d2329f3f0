/** Options of iptables' matches (iptables-extensions(8)) as questions about a packet. */
import type { IptablesOption } from '../../../kernel/index.ts'
import { Protocol } from '../../path/packet.ts'
import { rangeTest } from '../network.ts'
import { packetType } from '../nft/meta-value.ts'
import type { Passage } from '../passage.ts'
import type { Condition } from './condition.ts'
import { conntrackCondition } from './conntrack-conditions.ts'
import { interfaceTest } from './interface-test.ts'
import { markTest, numberRange, portsTest } from './number-test.ts'

const always: Condition = () => true
const unknown: Condition = () => undefined

/**
 * The question that an option asks, not negated.
 * @param name of the match
 * @param all options of the match, some of which change the meaning of others
 */
export function conditionOf(name: string, option: IptablesOption, all: readonly IptablesOption[]): Condition {
  const { values } = option
  const [value = ''] = values
  switch (name) {
    case 'tcp':
    case 'udp':
    case 'udplite':
    case 'sctp':
    case 'dccp':
      return transportCondition(option)
    case 'multiport':
      return multiportCondition(option)
    case 'icmp':
    case 'icmp6':
      return icmpCondition(value)
    case 'conntrack':
    case 'state':
      return conntrackCondition(option)
    case 'addrtype':
      return addressTypeCondition(option, all)
    case 'mark': {
      const test = markTest(value)
      return ({ packet }) => test(packet.mark)
    }
    case 'connmark': {
      const test = markTest(value)
      return ({ tracked }) => tracked !== undefined && test(tracked.mark)
    }
    case 'physdev':
      return bridgePortCondition(option)
    case 'iprange':
      return addressRangeCondition(option)
    case 'pkttype':
      return (passage) => ['unicast', 'broadcast', 'multicast', 'otherhost'][packetType(passage.visit)] === value
    case 'mac':
      return ({ packet }) => packet.frame?.source === value
    case 'rpfilter':
      return option.name === 'loose' ? reversePath(all) : all[0] === option ? reversePath(all) : always
    // Within its limits, as a handful of packets is.
    case 'hashlimit':
      return option.name === 'hashlimit-above' ? () => false : always
    case 'limit':
    case 'quota':
    case 'comment':
      return always
    case 'connlimit':
      return option.name === 'connlimit-above' ? () => false : always
    case 'length':
      return lengthCondition(value)
    case 'ttl':
    case 'hl':
      return timeToLiveCondition(option)
    case 'devgroup': {
      const test = markTest(value)
      const isSource = option.name === 'src-group'
      return ({ visit: { input, output } }) => test((isSource ? input : output)?.group ?? 0)
    }
    case 'tos':
    case 'dscp':
      return fieldOfServices(name, value)
    // No helper follows a flow of ours.
    case 'helper':
      return () => false
    default:
      return unknown
  }
}

/** The byte behind the version in IPv4, four bits later in IPv6; the upper six bits are the code point. */
function fieldOfServices(name: string, value: string): Condition {
  const test = markTest(value)
  return ({ headers: { network }, packet }) => {
    const byte = packet.family === 'ipv4' ? network[1]! : ((network[0]! << 4) | (network[1]! >>> 4)) & 0xff
    return test(name === 'dscp' ? byte >>> 2 : byte)
  }
}

function transportCondition({ name, values: [value = '', wanted = ''] }: IptablesOption): Condition {
  const ports = name === 'sport' || name === 'dport' ? portsTest(value) : undefined
  if (ports !== undefined) return ({ packet }) => ports(name === 'sport' ? packet.sourcePort : packet.destinationPort)
  if (name === 'tcp-flags') {
    const [mask, compare] = [tcpFlags(value), tcpFlags(wanted)]
    return ({ packet }) => ((packet.tcpFlags ?? 0) & mask) === compare
  }
  return unknown
}

const flagNames = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']

function tcpFlags(names: string): number {
  return names.split(',').reduce((bits, name) => {
    const bit = flagNames.indexOf(name)
    return bit < 0 ? bits : bits | (1 << bit)
  }, 0)
}

function multiportCondition({ name, values: [value = ''] }: IptablesOption): Condition {
  const test = portsTest(value)
  const hasPorts = ({ packet: { protocol } }: Passage): boolean =>
    protocol !== Protocol.icmp && protocol !== Protocol.icmpv6
  return (passage) => {
    const { sourcePort, destinationPort } = passage.packet
    if (!hasPorts(passage)) return false
    return (name !== 'dports' && test(sourcePort)) || (name !== 'sports' && test(destinationPort))
  }
}

/** `8`, `3/4`, `3/0-15`, `any` */
function icmpCondition(value: string): Condition {
  if (value === 'any') return always
  const [type = '', codes] = value.split('/')
  const test = codes === undefined ? (): boolean => true : numberRange(codes.replace('-', ':'))
  return ({ packet }) => packet.icmp?.type === Number(type) && test(packet.icmp.code)
}

function addressTypeCondition(
  { name, values: [value = ''] }: IptablesOption,
  all: readonly IptablesOption[],
): Condition {
  if (name !== 'src-type' && name !== 'dst-type') return always
  const types = new Set(value.toLowerCase().split(','))
  const limit = all.find((option) => option.name.startsWith('limit-iface'))?.name
  return ({ visit, packet }) => {
    const on = limit === undefined ? undefined : limit.endsWith('in') ? visit.input?.index : visit.output?.index
    const type = visit.addressType(name === 'src-type' ? packet.source : packet.destination, on)
    // The kernel counts blackholes and their like under names of their own.
    return types.has(type)
  }
}

function bridgePortCondition({ name, values: [value = ''] }: IptablesOption): Condition {
  const test = interfaceTest(value)
  return ({ visit: { inputPort, outputPort } }) => {
    switch (name) {
      case 'physdev-in':
        return test(inputPort?.name ?? '')
      case 'physdev-out':
        return test(outputPort?.name ?? '')
      case 'physdev-is-in':
        return inputPort !== undefined
      case 'physdev-is-out':
        return outputPort !== undefined
      // The frame stays on the bridge.
      case 'physdev-is-bridged':
        return inputPort !== undefined && outputPort !== undefined
      default:
        return undefined
    }
  }
}

function addressRangeCondition({ name, values: [value = ''] }: IptablesOption): Condition {
  const [first = '', last = ''] = value.split('-')
  const test = rangeTest(first, last)
  return ({ packet }) => test(name === 'src-range' ? packet.source : packet.destination)
}

/** Whether answers would leave by the interface that the packet came in by. */
function reversePath(all: readonly IptablesOption[]): Condition {
  const has = (name: string): boolean => all.some((option) => option.name === name)
  return ({ visit, packet }) => {
    const found = visit.outputFor(packet.source, has('validmark') ? packet.mark : 0)
    const passes = visit.input?.name === 'lo' || (has('loose') ? found !== 0 : found === visit.input?.index)
    return passes !== has('invert')
  }
}

function lengthCondition(value: string): Condition {
  const test = numberRange(value)
  return ({ packet }) => test(packet.length)
}

function timeToLiveCondition({ name, values: [value = ''] }: IptablesOption): Condition {
  const limit = Number(value)
  return ({ packet: { ttl } }) =>
    name.endsWith('lt') ? ttl < limit : name.endsWith('gt') ? ttl > limit : ttl === limit
}
