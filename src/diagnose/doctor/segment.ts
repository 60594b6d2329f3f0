/**
 * Layer 2 of a scene: which interfaces hear each other's broadcasts. Joined is what is wired together, whether it is up at the
 * moment or not: what a link that is down separates is its own finding.
 */

import { DisjointSets } from './disjoint-sets.ts'
import type { Interface } from './interface.ts'
import type { Wiring } from './wiring.ts'

/** Interfaces that hear each other. */
export interface Segment {
  /** Those that speak for themselves: with a MAC of their own, and no port of a bridge. */
  readonly stations: readonly Interface[]
  /** Ports of bridges. */
  readonly ports: readonly Interface[]
  /** Why there may be others in it that cannot be seen from here: a physical interface, a tunnel; undefined when there are none. */
  readonly openAt: Interface | undefined
}

/** Kinds that stand on a parent and share its segment. */
const ON_PARENT = new Set(['macvlan', 'macvtap', 'ipvlan', 'ipvtap'])
/** Kinds that carry no Ethernet of their own to others. */
const APART = new Set([
  'loopback',
  'dummy',
  'vrf',
  'wireguard',
  'ipip',
  'sit',
  'gre',
  'ip6tnl',
  'vti',
  'vti6',
  'xfrm',
  'nlmon',
])

/** Masters whose ports are understood here. */
const KNOWN_MASTERS = new Set(['bridge', 'bond', 'team', 'vrf'])

/** Untagged frames. */
const UNTAGGED = 0

/** Segments of a scene. @param tunnels join also the ends of tunnels that are both here */
export class Segments {
  readonly #sets = new DisjointSets()
  readonly #wiring: Wiring
  readonly #segments = new Map<string, Segment>()
  readonly #vlans: readonly number[]

  constructor(wiring: Wiring, tunnels: readonly (readonly [Interface, Interface])[]) {
    this.#wiring = wiring
    this.#vlans = [UNTAGGED, ...vlansInUse(wiring)]
    for (const one of wiring.interfaces) this.#place(one)
    for (const [a, b] of tunnels) this.#sets.join(node(a.id, UNTAGGED), node(b.id, UNTAGGED))
    this.#collect(new Set(tunnels.flat().map((end) => end.id)))
  }

  /** The segment that an interface's own frames go into. */
  of(one: Interface): Segment {
    return this.#segments.get(this.#sets.find(node(one.id, UNTAGGED)))!
  }

  /** Every segment with more than one interface in it. */
  all(): readonly Segment[] {
    return [...this.#segments.values()].filter(({ stations, ports }) => stations.length + ports.length > 1)
  }

  #place(one: Interface): void {
    const peer = this.#wiring.peer(one)
    if (peer !== undefined && peer !== 'gone') {
      for (const vlan of this.#vlans) this.#sets.join(node(one.id, vlan), node(peer.id, vlan))
    }
    const bridge = this.#wiring.bridgeOf(one)
    if (bridge !== undefined) this.#joinPort(one, bridge)
    const bond = this.#wiring.bondOf(one)
    if (bond !== undefined) this.#sets.join(node(one.id, UNTAGGED), node(bond.id, UNTAGGED))
    const parent = this.#wiring.parent(one)
    if (parent !== undefined && one.kind === 'vlan') {
      this.#sets.join(node(one.id, UNTAGGED), node(parent.id, one.link.info?.vlan?.id ?? UNTAGGED))
    } else if (parent !== undefined && ON_PARENT.has(one.kind)) {
      for (const vlan of this.#vlans) this.#sets.join(node(one.id, vlan), node(parent.id, vlan))
    }
  }

  #joinPort(port: Interface, bridge: Interface): void {
    if (!filtersVlans(bridge)) {
      for (const vlan of this.#vlans) this.#sets.join(node(port.id, vlan), node(bridge.id, vlan))
      return
    }
    for (const member of [port, bridge]) {
      for (const { vlan, own } of this.#membership(member)) {
        this.#sets.join(node(member.id, own ? UNTAGGED : vlan), `${bridge.id}#${vlan}`)
      }
    }
  }

  /** Vlans of a port; `own` is the one that untagged frames belong to. */
  #membership(port: Interface): { vlan: number; own: boolean }[] {
    const entry = port.place.vlans.find(({ index }) => index === port.index)
    return (entry?.ranges ?? []).flatMap((range) =>
      this.#vlans
        .filter((vlan) => vlan >= range.first && vlan <= range.last)
        .map((vlan) => ({ vlan, own: range.pvid })),
    )
  }

  #collect(tunnelled: ReadonlySet<string>): void {
    const growing = new Map<string, { stations: Interface[]; ports: Interface[]; openAt: Interface | undefined }>()
    for (const one of this.#wiring.interfaces) {
      const root = this.#sets.find(node(one.id, UNTAGGED))
      const segment = growing.get(root) ?? { stations: [], ports: [], openAt: undefined }
      growing.set(root, segment)
      if (this.#wiring.bridgeOf(one) !== undefined || this.#wiring.bondOf(one) !== undefined) segment.ports.push(one)
      else if (one.mac !== undefined && !APART.has(one.kind)) segment.stations.push(one)
      if (segment.openAt === undefined && this.#isOpen(one, tunnelled)) segment.openAt = one
    }
    for (const [root, segment] of growing) this.#segments.set(root, segment)
  }

  /** Whether there may be others behind an interface whom nobody sees from here. */
  #isOpen(one: Interface, tunnelled: ReadonlySet<string>): boolean {
    // Another switch than the kernel's bridge (Open vSwitch) has it.
    if (one.master !== 0 && !KNOWN_MASTERS.has(one.link.info?.slaveKind ?? '')) return true
    if (one.kind === 'veth') return this.#wiring.peer(one) === undefined
    if (one.kind === 'vxlan') return !tunnelled.has(one.id)
    if (one.kind === 'vlan' || ON_PARENT.has(one.kind)) return this.#wiring.parent(one) === undefined
    return !APART.has(one.kind) && one.kind !== 'bridge'
  }
}

function node(id: string, vlan: number): string {
  return vlan === UNTAGGED ? id : `${id}@${vlan}`
}

/** Whether a bridge tells vlans apart. */
export function filtersVlans(bridge: Interface): boolean {
  return bridge.link.info?.bridge?.vlanFiltering === 1
}

/** Numbers of vlans that some interface or port is for; a trunk of all 4094 adds none. */
function vlansInUse(wiring: Wiring): Set<number> {
  const used = new Set<number>()
  const places = new Set(wiring.interfaces.filter(filtersVlans).map(({ place }) => place))
  for (const { kind, link } of wiring.interfaces) {
    if (kind === 'vlan' && link.info?.vlan?.id !== undefined) used.add(link.info.vlan.id)
  }
  for (const place of places) {
    for (const { ranges } of place.vlans) {
      for (const range of ranges) if (range.first === range.last) used.add(range.first)
    }
  }
  return used
}
