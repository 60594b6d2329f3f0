/** What `meta` loads into a register (net/netfilter/nft_meta.c). */
import type { Link, NfFamily } from '../../../kernel/index.ts'
import type { HookVisit } from '../filter-rules.ts'
import { EtherType } from '../header-bytes.ts'
import type { Passage } from '../passage.ts'
import { hostNumber, nameBytes, networkNumber } from '../registers.ts'

/** Undefined: there is no such thing, and the rule is left. `unknown`: there may be, but nobody can tell. */
export type LoadedValue = Buffer | undefined | 'unknown'

/** Numbers of protocol families (linux/netfilter.h) by the layer whose hook it is. */
const NFPROTO = { ipv4: 2, arp: 3, netdev: 5, bridge: 7, ipv6: 10 } as const
/** PACKET_* (linux/if_packet.h) */
const PacketType = { host: 0, broadcast: 1, multicast: 2, otherHost: 3 } as const

/** The value of a key, for a rule of a table of this family. */
export function metaValue(passage: Passage, key: string | number | undefined, family: NfFamily): LoadedValue {
  const { visit, packet } = passage
  const { input, output } = visit
  switch (key) {
    case 'length':
      return hostNumber(packet.length, 'u32')
    case 'protocol':
      return networkNumber(etherType(passage))
    case 'nfproto':
      return Buffer.from([layerNumber(visit, family, packet.family)])
    case 'l4proto':
      return packet.arp === undefined ? Buffer.from([packet.protocol]) : undefined
    case 'mark':
      return hostNumber(packet.mark, 'u32')
    case 'priority':
    case 'rtclassid':
    case 'secmark':
    case 'cgroup':
    case 'sdif':
      return hostNumber(0, 'u32')
    case 'sdifname':
      return nameBytes('')
    case 'ipsec':
    case 'nftrace':
      return Buffer.from([0])
    case 'iif':
      return hostNumber(input?.index ?? 0, 'u32')
    case 'oif':
      return hostNumber(output?.index ?? 0, 'u32')
    case 'iifname':
      return nameBytes(input?.name ?? '')
    case 'oifname':
      return nameBytes(output?.name ?? '')
    case 'ibrname':
      return bridgeName(passage, input)
    case 'obrname':
      return bridgeName(passage, output)
    case 'pkttype':
      return Buffer.from([packetType(visit)])
    default:
      return linkValue(visit, key) ?? timeValue(key) ?? (isLinkKey(key) ? undefined : 'unknown')
  }
}

function isLinkKey(key: string | number | undefined): boolean {
  return typeof key === 'string' && /^[io](if|br)/.test(key)
}

/** Keys of one of the two interfaces. */
function linkValue({ input, output }: HookVisit, key: string | number | undefined): Buffer | undefined {
  const link = String(key).startsWith('i') ? input : output
  if (link === undefined) return undefined
  switch (key) {
    case 'iiftype':
    case 'oiftype':
      return hostNumber(link.type, 'u16')
    case 'iifgroup':
    case 'oifgroup':
      return hostNumber(link.group ?? 0, 'u32')
    case 'iifkind':
    case 'oifkind':
      return link.info?.kind === undefined ? undefined : nameBytes(link.info.kind)
    default:
      return undefined
  }
}

/** Name of the bridge that an interface is a port of. */
function bridgeName({ surroundings }: Passage, port: Link | undefined): LoadedValue {
  const name = port?.master === undefined ? undefined : surroundings.linkName(port.master)
  return name === undefined ? undefined : nameBytes(name)
}

function timeValue(key: string | number | undefined): Buffer | undefined {
  const now = new Date()
  if (key === 'time') return hostNumber(BigInt(now.getTime()) * 1_000_000n, 'u64')
  if (key === 'day') return Buffer.from([now.getUTCDay()])
  if (key === 'hour') return hostNumber(Math.floor(now.getTime() / 1000) % 86_400, 'u32')
  return undefined
}

function etherType({ packet }: Passage): number {
  if (packet.arp !== undefined) return EtherType.arp
  return packet.family === 'ipv4' ? EtherType.ipv4 : EtherType.ipv6
}

/** A device's chain in a table of family inet is told the packet's own (nft_do_chain_inet_ingress, net/netfilter/nft_chain_filter.c). */
function layerNumber({ layer }: HookVisit, table: NfFamily, family: 'ipv4' | 'ipv6'): number {
  return layer === 'ip' || (layer === 'netdev' && table === 'inet') ? NFPROTO[family] : NFPROTO[layer]
}

/** How the frame was addressed, seen from the interface that took it in; packets made here are our own host's. */
export function packetType({ input, packet, layer }: HookVisit): number {
  if (input === undefined || packet.frame === undefined) return PacketType.host
  const { destination } = packet.frame
  if (destination === 'ff:ff:ff:ff:ff:ff') return PacketType.broadcast
  if ((Number.parseInt(destination.slice(0, 2), 16) & 1) === 1) return PacketType.multicast
  return layer === 'ip' || isOwn(input, destination) ? PacketType.host : PacketType.otherHost
}

function isOwn({ address }: Link, destination: string): boolean {
  return address === destination
}
