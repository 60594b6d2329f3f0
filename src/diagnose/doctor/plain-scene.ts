/** Scenes that are written down instead of taken, for tests: namespaces with links, addresses and routes as plain values. */
import type { Graph, NamespaceNode } from '../../host/index.ts'
import {
  type Link,
  LinkFlag,
  type NamespaceHandle,
  type Neighbour,
  type PortVlans,
  type Route,
} from '../../kernel/index.ts'
import { emptyFilterRules } from '../scene/kernel/empty-filter-rules.ts'
import type { Family, Place, RouteAnswer } from '../scene/place.ts'
import type { Scene, Whereabouts } from '../scene/scene.ts'
import { addressNumber, contains, familyOfAddress, parsePrefixText } from './address.ts'

/** A link of a written scene. */
export interface PlainLink {
  readonly name: string
  /** Default `veth`. */
  readonly kind?: string
  readonly mac?: string
  readonly mtu?: number
  /** Default true; a carrier comes with it. */
  readonly up?: boolean
  /** Name of the bridge that it is a port of. */
  readonly master?: string
  readonly addresses?: readonly string[]
  /** Of a veth: `NAMESPACE LINK`. */
  readonly peer?: string
  readonly info?: Partial<NonNullable<Link['info']>>
}

/** A namespace of a written scene. */
export interface PlainPlace {
  readonly links: readonly PlainLink[]
  /** `default via 10.0.0.1 dev eth0`, `10.1.0.0/16 dev eth1`. */
  readonly routes?: readonly string[]
  readonly neighbours?: readonly Partial<Neighbour>[]
  readonly vlans?: readonly PortVlans[]
  readonly settings?: Readonly<Record<string, string>>
  readonly node?: Partial<NamespaceNode>
}

/** Writes a scene: namespaces by name; the first is the program's own. */
export function plainScene(places: Readonly<Record<string, PlainPlace>>): Scene {
  const names = Object.keys(places)
  const made = new Map(names.map((name, i) => [name, plainPlace(name, String(i + 1), places[name]!)]))
  const find = (word: string): Whereabouts | undefined => {
    const [name, link] = word.split(' ')
    const place = made.get(name!)
    const found = place?.linkNamed(link!)
    return place === undefined || found === undefined ? undefined : { place, index: found.index }
  }
  return {
    graph: { ...EMPTY_GRAPH, namespaces: [...made.values()].map(({ node }) => node) },
    home: '1',
    place: (inode) => [...made.values()].find((place) => place.inode === inode)!,
    places: () => [...made.values()],
    farEnd(inode, index) {
      const peer = places[names[Number(inode) - 1]!]!.links[index - 1]?.peer
      return peer === undefined ? undefined : peer === 'gone' ? 'gone' : find(peer)
    },
    parent: () => undefined,
    underlay: (inode) => [...made.values()].find((place) => place.inode === inode),
    warnings: [],
    close() {},
  }
}

const EMPTY_GRAPH: Graph = {
  schema: 'netwright/graph/v1',
  host: 'test',
  takenAt: '2026-01-01T00:00:00Z',
  namespaces: [],
  interfaces: [],
  links: [],
  networks: [],
  warnings: [],
}

function plainPlace(name: string, inode: string, given: PlainPlace): Place {
  const links = given.links.map((link, i) => plainLink(link, i + 1, given, inode))
  const node: NamespaceNode = {
    inode,
    id: null,
    role: 'named',
    names: [name],
    mounts: [],
    pids: [],
    nsid: null,
    owners: [],
    holders: [],
    ...given.node,
  }
  const routes = (given.routes ?? []).map((text) => plainRoute(text, links))
  const settings = given.settings ?? {}
  const connected = given.links.flatMap(({ addresses }, i) =>
    (addresses ?? []).map((text) => ({ prefix: parsePrefixText(text)!, index: i + 1, text })),
  )
  return {
    inode,
    node,
    label: `ns:${name}`,
    namespace: undefined as unknown as NamespaceHandle,
    links,
    link: (index) => links[index - 1],
    linkNamed: (wanted) => links.find((link) => link.name === wanted),
    addresses: connected.map(({ text, index }) => ({
      family: text.includes(':') ? 10 : 2,
      prefixLength: Number(text.split('/')[1]),
      flags: 0,
      scope: 0,
      index,
      address: text.split('/')[0]!,
      local: text.split('/')[0]!,
    })),
    routes: (family) => routes.filter((route) => route.family === (family === 'ipv4' ? 2 : 10)),
    rules: () => [],
    nexthops: [],
    neighbours: (given.neighbours ?? []).map((entry) => ({
      family: 2,
      index: 1,
      state: 0x80,
      flags: 0,
      type: 1,
      ...entry,
    })),
    forwarding: [],
    vlans: given.vlans ?? [],
    filters: NO_RULES,
    settings: {
      get: (key) => settings[key],
      ofInterface: (family: Family, link: string, setting: string) => settings[`net.${family}.conf.${link}.${setting}`],
    },
    sockets: [],
    connections: [],
    lookUpRoute({ destination }): RouteAnswer {
      const direct = connected.find(({ prefix }) => contains(prefix, destination))
      const family = familyOfAddress(destination)
      const via = routes.find((route) => route.family === (family === 'ipv4' ? 2 : 10) && covers(route, destination))
      const base = { source: undefined, mtu: undefined, table: 254, route: undefined, text: '' }
      if (direct !== undefined) return { ...base, kind: 'unicast', output: direct.index, gateway: undefined }
      if (via === undefined) return { ...base, kind: 'none', output: 0, gateway: undefined }
      return { ...base, kind: 'unicast', output: via.outputInterface ?? 0, gateway: via.gateway }
    },
  }
}

const NO_RULES = emptyFilterRules()

function covers(route: Route, destination: string): boolean {
  if (route.destination === undefined) return true
  return (
    addressNumber(destination) !== undefined &&
    contains(parsePrefixText(`${route.destination}/${route.destinationLength}`)!, destination)
  )
}

function plainLink(given: PlainLink, index: number, { links }: PlainPlace, inode: string): Link {
  const { name, kind = 'veth', mac, mtu = 1500, up = true, master, info } = given
  const masterIndex = links.findIndex((link) => link.name === master) + 1
  return {
    family: 0,
    type: kind === 'loopback' ? 772 : 1,
    index,
    flags: up ? LinkFlag.up | LinkFlag.lowerUp : 0,
    change: 0,
    name,
    mtu,
    address: mac ?? `02:00:00:ff:${inode.padStart(2, '0')}:${index.toString(16).padStart(2, '0')}`,
    ...(masterIndex === 0 ? {} : { master: masterIndex }),
    info: {
      ...(kind === 'device' || kind === 'loopback' ? {} : { kind }),
      ...(masterIndex === 0 ? {} : { slaveKind: 'bridge' }),
      ...info,
    },
  }
}

function plainRoute(text: string, links: readonly Link[]): Route {
  const [prefix, ...words] = text.split(' ')
  const after = (word: string): string | undefined =>
    words.includes(word) ? words[words.indexOf(word) + 1] : undefined
  const [destination, length] = prefix!.split('/')
  const isDefault = destination === 'default'
  const gateway = after('via')
  const output = links.find((link) => link.name === after('dev'))?.index
  return {
    family: (isDefault ? (gateway ?? '') : destination!).includes(':') ? 10 : 2,
    destinationLength: isDefault ? 0 : Number(length),
    sourceLength: 0,
    tos: 0,
    table: 254,
    protocol: 3,
    scope: 0,
    type: 1,
    flags: 0,
    ...(isDefault ? {} : { destination: destination! }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(output === undefined ? {} : { outputInterface: output }),
  }
}
