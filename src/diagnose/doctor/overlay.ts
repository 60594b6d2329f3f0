/** Ends of vxlan tunnels that are on this host, and which of them belong together. */
import type { Neighbour } from '../../kernel/index.ts'
import { NeighbourFlag } from '../../kernel/index.ts'
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { isConfined, overlaps } from './address.ts'
import type { Interface } from './interface.ts'
import type { Segments } from './segment.ts'
import type { Wiring } from './wiring.ts'

/** One end of a tunnel. */
export interface TunnelEnd {
  readonly vxlan: Interface
  readonly vni: number
  readonly port: number
  /** Where its outer packets are routed. */
  readonly underlay: Place | undefined
  /** Addresses at which it can be reached. */
  readonly reachedAt: ReadonlySet<string>
  /** Forwarding entries that name a tunnel end. */
  readonly forwarding: readonly Neighbour[]
  /** Neighbours that it answers for. */
  readonly neighbours: readonly Neighbour[]
  /** It has somewhere to send what it knows no entry for. */
  readonly floods: boolean
  /** It answers questions about neighbours itself, and lets none through. */
  readonly proxy: boolean
  /** Who can be reached behind it, on this side. */
  readonly stations: readonly Interface[]
}

/** An all-zero link-layer address stands for everything unknown (bridge(8), vxlan). */
export const EVERYTHING_ELSE = '00:00:00:00:00:00'
/** IANA's port; Linux' own default is older. */
const LINUX_DEFAULT_PORT = 8472

/** Routers that are followed between two ends. */
const MOST_ROUTERS = 16

/** The tunnels of a scene. */
export class Overlays {
  readonly ends: readonly TunnelEnd[]
  readonly #wiring: Wiring
  readonly #segments: Segments

  constructor(scene: Scene, wiring: Wiring, segments: Segments) {
    this.#wiring = wiring
    this.#segments = segments
    this.ends = wiring.interfaces
      .filter(({ kind, link }) => kind === 'vxlan' && link.info?.vxlan?.collectMetadata !== 1)
      .map((vxlan) => tunnelEnd(vxlan, scene, wiring, segments))
  }

  /** Other ends with the same number that an entry of this one leads to. */
  behind(end: TunnelEnd, address: string): readonly TunnelEnd[] {
    return this.ends.filter(
      (other) =>
        other !== end &&
        other.reachedAt.has(address) &&
        this.#mayReach(end.underlay, other.underlay, address, MOST_ROUTERS),
    )
  }

  /** The other ends that belong to the same overlay network as this one. */
  partners(end: TunnelEnd): readonly TunnelEnd[] {
    return this.ends.filter((other) => other !== end && sameChannel(end, other) && this.#belong(end, other))
  }

  /** Pairs of ends that frames cross between. */
  pairs(): (readonly [Interface, Interface])[] {
    return this.ends.flatMap((end) =>
      this.partners(end)
        .filter((other) => end.vxlan.id < other.vxlan.id)
        .map((other) => [end.vxlan, other.vxlan] as const),
    )
  }

  #belong(a: TunnelEnd, b: TunnelEnd): boolean {
    if (a.underlay === undefined || b.underlay === undefined || a.underlay.inode === b.underlay.inode) return false
    return this.leadsTo(a, b) || this.leadsTo(b, a) || (this.#sameWire(a, b) && servesSameSubnet(a, b))
  }

  /** An entry of the one names an address of the other, and packets to it get there: two labs may use the same addresses. */
  leadsTo(from: TunnelEnd, to: TunnelEnd): boolean {
    const named = new Set(from.forwarding.flatMap(({ destination }) => destination ?? []))
    return [...named].some(
      (address) => to.reachedAt.has(address) && this.#mayReach(from.underlay, to.underlay, address, MOST_ROUTERS),
    )
  }

  /** Whether what `from` sends to an address ends at `to`, as far as routers and wires can be seen. */
  #mayReach(from: Place | undefined, to: Place | undefined, address: string, routers: number): boolean {
    if (from === undefined || to === undefined || from.inode === to.inode) return from !== undefined && to !== undefined
    const answer = from.lookUpRoute({ destination: address })
    const output = this.#wiring.get(from.inode, answer.output)
    // Without a way, entries say at least what was meant: nobody else is found with more right.
    if (output === undefined || (answer.kind !== 'unicast' && answer.kind !== 'local')) return true
    const { stations, openAt } = this.#segments.of(output)
    const next = answer.gateway ?? address
    const holders = stations.filter(
      ({ place, allAddresses }) => place.inode !== from.inode && allAddresses.some((own) => own.address === next),
    )
    if (holders.length === 0) return openAt !== undefined && this.#isOpen(to)
    return routers > 0 && holders.some(({ place }) => this.#mayReach(place, to, address, routers - 1))
  }

  /** Some wire of a namespace leads out of sight. */
  #isOpen({ inode }: Place): boolean {
    return this.#wiring.of(inode).some((one) => one.kind !== 'loopback' && this.#segments.of(one).openAt !== undefined)
  }

  /** Their underlays are on one wire: where two labs use one number, they are not. */
  #sameWire(a: TunnelEnd, b: TunnelEnd): boolean {
    return this.#segments
      .all()
      .some(({ stations }) =>
        [a, b].every((end) =>
          stations.some(({ place, addresses }) => place.inode === end.underlay?.inode && addresses.length > 0),
        ),
      )
  }
}

/** The same number and port: the one takes what the other sends. */
export function sameChannel(a: TunnelEnd, b: TunnelEnd): boolean {
  return a.vni === b.vni && a.port === b.port
}

/** Stations behind both have addresses of one subnet. */
export function servesSameSubnet(a: TunnelEnd, b: TunnelEnd): boolean {
  const subnets = (end: TunnelEnd) => end.stations.flatMap(({ addresses }) => addresses.map(({ subnet }) => subnet))
  const theirs = subnets(b)
  return subnets(a).some((subnet) => theirs.some((other) => overlaps(subnet, other)))
}

function tunnelEnd(vxlan: Interface, scene: Scene, wiring: Wiring, segments: Segments): TunnelEnd {
  const settings = vxlan.link.info?.vxlan ?? {}
  const underlay = scene.underlay(vxlan.place.inode, vxlan.index)
  const local = settings.local ?? settings.local6
  const reachable = underlay === undefined ? [] : wiring.of(underlay.inode).flatMap(({ allAddresses }) => allAddresses)
  const addresses = reachable.map(({ address }) => address).filter((address) => !isConfined(address))
  const forwarding = vxlan.place.forwarding.filter(
    (entry) =>
      entry.index === vxlan.index && (entry.flags & NeighbourFlag.self) !== 0 && entry.destination !== undefined,
  )
  const group = settings.group ?? settings.group6
  return {
    vxlan,
    vni: settings.id ?? 0,
    port: settings.port ?? LINUX_DEFAULT_PORT,
    underlay,
    reachedAt: new Set(local === undefined || isConfined(local) ? addresses : [local]),
    forwarding,
    neighbours: vxlan.place.neighbours.filter(
      ({ index, destination }) => index === vxlan.index && destination !== undefined,
    ),
    floods: (group !== undefined && group !== '0.0.0.0' && group !== '::') || forwarding.some(isDefault),
    proxy: settings.proxy === 1,
    stations: segments.of(vxlan).stations.filter((one) => one.id !== vxlan.id && one.addresses.length > 0),
  }
}

function isDefault(entry: Neighbour): boolean {
  return entry.lladdr === EVERYTHING_ELSE
}
