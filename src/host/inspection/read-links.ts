/** Interfaces and their addresses, in full. */
import {
  type Address,
  AddressFamily,
  AddressFlag,
  type Link,
  LinkFlag,
  listAddresses,
  listLinks,
  ownAddress,
} from '../../kernel/index.ts'
import { namespaceLabel } from '../targets/namespace-words.ts'
import type { InspectedAddress, InspectedLink } from './inspection.ts'
import { flagNames, scopeName } from './kernel-words.ts'
import type { PartContext } from './part-context.ts'

const ADDRESS_FLAGS = {
  secondary: AddressFlag.secondary,
  nodad: AddressFlag.noDad,
  optimistic: AddressFlag.optimistic,
  dadfailed: AddressFlag.dadFailed,
  home: AddressFlag.homeAddress,
  deprecated: AddressFlag.deprecated,
  tentative: AddressFlag.tentative,
  mngtmpaddr: AddressFlag.manageTemporary,
  noprefixroute: AddressFlag.noPrefixRoute,
}
/** A lifetime that never ends (INFINITY_LIFE_TIME, net/addrconf.h). */
const FOR_EVER = 0xffffffff

/** Every interface with its addresses, by index. */
export function readLinks(context: PartContext): InspectedLink[] {
  const addresses = new Map<number, Address[]>()
  for (const address of listAddresses(context.route)) {
    const known = addresses.get(address.index)
    if (known === undefined) addresses.set(address.index, [address])
    else known.push(address)
  }
  const peers = farEnds(context)
  return listLinks(context.route).map((link) => ({
    ...inspectedLink(link, addresses.get(link.index) ?? [], context.interfaceName),
    peer: peers.get(link.index) ?? null,
  }))
}

function inspectedLink(
  link: Link,
  addresses: readonly Address[],
  interfaceName: PartContext['interfaceName'],
): Omit<InspectedLink, 'peer'> {
  const { info } = link
  return {
    index: link.index,
    name: link.name ?? String(link.index),
    altNames: link.propList?.altNames ?? [],
    alias: link.alias ?? null,
    kind: info?.kind ?? ((link.flags & LinkFlag.loopback) !== 0 ? 'loopback' : 'device'),
    mac: link.address === undefined || link.address === '' ? null : link.address,
    mtu: link.mtu ?? 0,
    up: (link.flags & LinkFlag.up) !== 0,
    carrier: (link.flags & LinkFlag.lowerUp) !== 0,
    operstate: String(link.operstate ?? 'unknown'),
    master: link.master === undefined || link.master === 0 ? null : interfaceName(link.master),
    qdisc: link.qdisc ?? null,
    // IPv4 first, as everywhere.
    addresses: [...addresses].sort((a, b) => a.family - b.family).map(inspectedAddress),
    counters: counters(link),
    details: details(info),
  }
}

function inspectedAddress(address: Address): InspectedAddress {
  const own = ownAddress(address) ?? ''
  const valid = address.cacheInfo?.valid ?? FOR_EVER
  return {
    family: address.family === AddressFamily.inet6 ? 'ipv6' : 'ipv4',
    address: `${own}/${address.prefixLength}`,
    peer: address.address !== undefined && address.address !== own ? address.address : null,
    scope: scopeName(address.scope),
    flags: flagNames(address.allFlags ?? address.flags, ADDRESS_FLAGS),
    validSeconds: valid === FOR_EVER ? null : valid,
  }
}

/** The other ends of a namespace's links as the graph knows them, by index. */
function farEnds({ graph, node }: PartContext): Map<number, InspectedLink['peer']> {
  const nodes = new Map(graph.namespaces.map((candidate) => [candidate.inode, candidate]))
  const interfaces = new Map(graph.interfaces.map((candidate) => [candidate.id, candidate]))
  const peers = new Map<number, InspectedLink['peer']>()
  const join = (near: string, far: string): void => {
    const end = interfaces.get(far)
    const index = interfaces.get(near)?.index
    if (!near.startsWith(`${node.inode}/`) || end === undefined || index === undefined || peers.has(index)) return
    const place = nodes.get(end.namespace)
    const label = place === undefined ? `inode:${end.namespace}` : namespaceLabel(place)
    peers.set(index, { interface: end.id, name: end.name, namespace: end.namespace, label })
  }
  for (const { kind, from, to } of graph.links) {
    // A port's bridge is its master, and a vxlan has any number of far ends.
    if (to === null || kind === 'bridge-port' || kind === 'vxlan') continue
    join(from, to)
    // Of a parent and the links on top of it, only these lead somewhere.
    if (kind === 'veth') join(to, from)
  }
  return peers
}

function counters({ statistics = {} }: Link): InspectedLink['counters'] {
  const count = (value: bigint | undefined): number => Number(value ?? 0n)
  return {
    rxBytes: count(statistics.rxBytes),
    rxPackets: count(statistics.rxPackets),
    rxErrors: count(statistics.rxErrors),
    rxDropped: count(statistics.rxDropped),
    txBytes: count(statistics.txBytes),
    txPackets: count(statistics.txPackets),
    txErrors: count(statistics.txErrors),
    txDropped: count(statistics.txDropped),
  }
}

/** The kind's own attributes as plain values: bytes as hexadecimal, large numbers as text. */
function details(info: Link['info']): Record<string, unknown> {
  if (info === undefined) return {}
  const { kind: _, xstats: _xstats, unknown: _unknown, ...rest } = info
  return plain(rest) as Record<string, unknown>
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value.toString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => name !== 'unknown')
  return Object.fromEntries(entries.map(([name, inner]) => [name, plain(inner)]))
}
