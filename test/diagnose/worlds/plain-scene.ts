/** Scenes from plain values: what a prediction stands on, without a kernel. */

import type { FilterRules } from '../../../src/diagnose/filter/filter-rules.ts'
import { Fib } from '../../../src/diagnose/scene/fib/fib.ts'
import type { Place } from '../../../src/diagnose/scene/place.ts'
import type { Scene } from '../../../src/diagnose/scene/scene.ts'
import type { Graph, Link as GraphLink, InterfaceNode } from '../../../src/host/index.ts'
import type { Address, Link, NamespaceHandle, Neighbour, PortVlans, Route, Rule } from '../../../src/kernel/index.ts'

const UP = 0x1
const LOWER_UP = 0x10000
const LOOPBACK = 0x8
const BROADCAST = 0x2

/** An interface. */
export interface PlainLink {
  readonly name: string
  readonly kind?: string
  readonly down?: boolean
  readonly mac?: string
  readonly mtu?: number
  /** `10.0.0.1/24` */
  readonly addresses?: readonly string[]
  /** Name of the bridge that it is a port of. */
  readonly bridge?: string
  readonly info?: Record<string, unknown>
  readonly port?: Record<string, unknown>
  /** `namespace/interface` at the other end, or underneath. */
  readonly peer?: string
  readonly lower?: string
  readonly vlans?: PortVlans['ranges']
}

/** A namespace. */
export interface PlainPlace {
  readonly links: readonly PlainLink[]
  /** `default via 10.0.0.1`, `10.2.0.0/16 via 10.0.0.2`. */
  readonly routes?: readonly string[]
  readonly settings?: Readonly<Record<string, string>>
  readonly neighbours?: readonly (Partial<Neighbour> & { readonly on: string })[]
  readonly forwarding?: readonly (Partial<Neighbour> & { readonly on: string; readonly bridge?: string })[]
  readonly sockets?: Place['sockets']
  /** Namespace in which outer packets of its tunnels travel. */
  readonly underlay?: string
}

const noRules: FilterRules = {
  isEmpty: () => true,
  traverse: () => {
    throw new Error('no rules are asked here')
  },
  warnings: [],
}

/** Makes a scene; places are found by their names, which are their inodes too. */
export function plainScene(plain: Readonly<Record<string, PlainPlace>>): Scene {
  const names = Object.keys(plain)
  const places = new Map(names.map((name) => [name, makePlace(name, plain[name]!)]))
  const whereabouts = (words: string | undefined) => {
    const [inode = '', device = ''] = words?.split('/') ?? []
    const place = places.get(inode)
    const link = place?.linkNamed(device)
    return place === undefined || link === undefined ? undefined : { place, index: link.index }
  }
  const spec = (inode: string, index: number) => plain[inode]?.links[index - 2]
  return {
    graph: graphOf(plain, places),
    home: 'home',
    place(inode) {
      const place = places.get(inode)
      if (place === undefined) throw new Error(`no place ${inode}`)
      return place
    },
    places: () => [...places.values()],
    farEnd(inode, index) {
      const { kind, peer } = spec(inode, index) ?? {}
      if (kind !== 'veth') return undefined
      return whereabouts(peer) ?? 'gone'
    },
    parent: (inode, index) => whereabouts(spec(inode, index)?.lower),
    underlay: (inode) => places.get(plain[inode]?.underlay ?? inode),
    warnings: [],
    close: () => undefined,
  }
}

function makePlace(inode: string, plain: PlainPlace): Place {
  const all: readonly PlainLink[] = [
    { name: 'lo', kind: 'loopback', addresses: ['127.0.0.1/8', '::1/128'] },
    ...plain.links,
  ]
  const index = (name: string) => all.findIndex((link) => link.name === name) + 1
  const links = all.map((link, i) => makeLink(link, i + 1, index))
  const addresses = all.flatMap((link, i) => (link.addresses ?? []).map((text) => makeAddress(text, i + 1)))
  const settings = plain.settings ?? {}
  const place = {
    inode,
    node: { inode, id: null, role: 'named', names: [inode], mounts: [], pids: [], nsid: null, owners: [], holders: [] },
    label: `ns:${inode}`,
    namespace: undefined as unknown as NamespaceHandle,
    links,
    link: (wanted: number) => links.find((link) => link.index === wanted),
    linkNamed: (name: string) => links.find((link) => link.name === name),
    addresses,
    routes: (family: string) =>
      routesOf(plain, all, index).filter((route) => (route.family === 2) === (family === 'ipv4')),
    rules: (family: string) => RULES.map((rule) => ({ ...rule, family: family === 'ipv4' ? 2 : 10 }) as Rule),
    nexthops: [],
    neighbours: (plain.neighbours ?? []).map(
      ({ on, ...entry }) => ({ state: 0x80, flags: 0, ...entry, index: index(on) }) as Neighbour,
    ),
    forwarding: (plain.forwarding ?? []).map(
      ({ on, bridge, ...entry }) =>
        ({
          state: 0x80,
          flags: 0,
          ...entry,
          index: index(on),
          ...(bridge === undefined ? {} : { master: index(bridge) }),
        }) as Neighbour,
    ),
    vlans: all.flatMap((link, i) =>
      link.vlans === undefined ? [] : [{ index: i + 1, name: link.name, ranges: link.vlans }],
    ),
    filters: noRules,
    settings: {
      get: (key: string) => settings[key],
      ofInterface: (family: string, name: string, setting: string) => settings[`net.${family}.conf.${name}.${setting}`],
    },
    sockets: plain.sockets ?? [],
    connections: [],
  } as unknown as Place
  const fib = new Fib(place)
  return Object.assign(place, { lookUpRoute: (question: Parameters<Fib['lookUp']>[0]) => fib.lookUp(question) })
}

const RULES = [
  { table: 255, tableId: 255, priority: 0 },
  { table: 254, tableId: 254, priority: 32766 },
].map((rule) => ({
  ...rule,
  action: 1,
  flags: 0,
  destinationLength: 0,
  sourceLength: 0,
  tos: 0,
  suppressPrefixLength: -1,
}))

function makeLink(link: PlainLink, index: number, indexOf: (name: string) => number): Link {
  const kind = link.kind ?? 'device'
  const plainKind = kind === 'device' || kind === 'loopback'
  const info = {
    ...(plainKind ? {} : { kind }),
    ...(link.info === undefined ? {} : { [kind]: link.info }),
    ...(link.bridge === undefined ? {} : { slaveKind: 'bridge', bridgePort: { state: 'forwarding', ...link.port } }),
  }
  return {
    index,
    name: link.name,
    flags: (link.down === true ? 0 : UP | LOWER_UP) | (kind === 'loopback' ? LOOPBACK : BROADCAST),
    mtu: link.mtu ?? 1500,
    address: link.mac ?? `02:00:00:00:00:${index.toString(16).padStart(2, '0')}`,
    ...(link.bridge === undefined ? {} : { master: indexOf(link.bridge) }),
    info,
  } as unknown as Link
}

function makeAddress(text: string, index: number): Address {
  const [address = '', length = ''] = text.split('/')
  const scope = /^(fe80|127\.|::1)/.test(address) ? 254 : 0
  const family = address.includes(':') ? 10 : 2
  return { family, prefixLength: Number(length), flags: 0x80, allFlags: 0x80, scope, index, address, local: address }
}

const plainRoute = { tos: 0, sourceLength: 0, protocol: 2, scope: 0, flags: 0 } as const

function routesOf(plain: PlainPlace, all: readonly PlainLink[], index: (name: string) => number): Route[] {
  const usable = all.filter((link) => link.down !== true)
  const own = usable.flatMap((link) =>
    (link.addresses ?? []).flatMap((text) => {
      const [address = '', length = ''] = text.split('/')
      const common = {
        ...plainRoute,
        family: address.includes(':') ? 10 : 2,
        outputInterface: index(link.name),
        preferredSource: address,
      }
      const bits = common.family === 2 ? 32 : 128
      const local = {
        ...common,
        table: 255,
        type: 2,
        destination: address,
        destinationLength: bits,
        outputInterface: 1,
      }
      const connected = {
        ...common,
        table: 254,
        type: 1,
        destination: network(address, Number(length)),
        destinationLength: Number(length),
      }
      return Number(length) === bits || link.kind === 'loopback' ? [local] : [local, connected]
    }),
  )
  return [...own, ...(plain.routes ?? []).map((words) => writtenRoute(words, usable, index))] as Route[]
}

function writtenRoute(words: string, links: readonly PlainLink[], index: (name: string) => number): object {
  const [prefix = '', , gateway = ''] = words.split(' ')
  const [destination = '', length = ''] = prefix.split('/')
  const family = gateway.includes(':') ? 10 : 2
  const via = links.find((link) =>
    link.addresses?.some((text) => {
      const [address = '', bits = ''] = text.split('/')
      return (
        address.includes(':') === gateway.includes(':') &&
        network(address, Number(bits)) === network(gateway, Number(bits))
      )
    }),
  )
  return {
    ...plainRoute,
    family,
    table: 254,
    type: 1,
    gateway,
    outputInterface: index(via?.name ?? ''),
    destinationLength: prefix === 'default' ? 0 : Number(length),
    ...(prefix === 'default' ? {} : { destination }),
  }
}

/** The network of an address, for lengths of whole bytes (IPv4) and words (IPv6 written as `a:b::c`). */
function network(address: string, length: number): string {
  if (address.includes(':')) return `${address.split('::')[0]}::`
  const bytes = address.split('.').map((byte, i) => (i < length / 8 ? byte : '0'))
  return bytes.join('.')
}

function graphOf(plain: Readonly<Record<string, PlainPlace>>, places: ReadonlyMap<string, Place>): Graph {
  const id = (words: string) => {
    const [inode = '', device = ''] = words.split('/')
    return `${inode}/${places.get(inode)?.linkNamed(device)?.index}`
  }
  const entries = Object.entries(plain).flatMap(([inode, { links }]) => links.map((link) => ({ inode, link })))
  const interfaces = entries.map(({ inode, link }) => ({
    id: id(`${inode}/${link.name}`),
    namespace: inode,
    index: Number(id(`${inode}/${link.name}`).split('/')[1]),
    name: link.name,
    kind: link.kind ?? 'device',
    mac: link.mac ?? null,
    addresses: link.addresses ?? [],
  }))
  const links = entries.flatMap(({ inode, link }) => {
    const other = link.peer ?? link.lower
    return other === undefined
      ? []
      : [{ kind: link.kind ?? 'veth', from: id(`${inode}/${link.name}`), to: id(other), details: {} }]
  })
  return {
    schema: 'netwright/graph/v1',
    host: 'plain',
    takenAt: '2026-01-01T00:00:00Z',
    namespaces: [],
    interfaces: interfaces as unknown as InterfaceNode[],
    links: links as unknown as GraphLink[],
    networks: [],
    warnings: [],
  }
}
