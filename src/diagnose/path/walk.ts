/**
 * The state of one prediction: what connection tracking, bridges and neighbour tables would have learned on the way so far.
 * The scene is never changed; what the packets themselves teach stands here beside it.
 */
import type { Link } from '../../kernel/index.ts'
import type { Translation } from '../filter/filter-rules.ts'
import type { Place, RouteAnswer } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import type { Flow } from './flow.ts'
import type { Packet, TrackedFlow } from './packet.ts'
import type { Hop } from './prediction.ts'
import type { FrameEnding, PacketEnding, Transit } from './transit.ts'

/** A packet is followed for so many steps; the kernel's own bound is the TTL, and a bridge loop has none. */
const MOST_STEPS = 4000

/** The steps of the kernel that call each other in circles: sending makes frames, frames arrive, what arrived is sent on. */
export interface Steps {
  /** Hands a frame to an interface (dev_queue_xmit). */
  transmit(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[]
  /** A frame comes in by an interface (netif_receive_skb). */
  arrive(walk: Walk, place: Place, link: Link, transit: Transit): FrameEnding[]
  /** Sends a packet made in this namespace. */
  send(walk: Walk, place: Place, transit: Transit, how?: SendOptions): PacketEnding
  /** A packet came up to the IP layer of an interface. */
  receive(walk: Walk, place: Place, link: Link, transit: Transit, how?: ReceiveOptions): PacketEnding
}

/** How a packet is sent. */
export interface SendOptions {
  /** Index of the interface that the sender is bound to. */
  readonly outputInterface?: number
  /** An outer packet of a tunnel: its own delivery ends at the far tunnel, not at a socket. */
  readonly tunnelled?: boolean
}

/** How a packet is received. */
export interface ReceiveOptions {
  /** Prerouting was done already, by a bridge with br_netfilter. */
  readonly preroutingDone?: boolean
  /** An outer packet of a tunnel. */
  readonly tunnelled?: boolean
}

/** What a rule translated, and where. */
export interface SeenTranslation {
  readonly place: Place
  readonly translation: Translation
  readonly direction: Hop['direction']
}

/** A router that a packet went through. */
export interface Passage {
  readonly place: Place
  readonly input: Link
  readonly output: Link
  readonly route: RouteAnswer
  /** As it came out of the router's look-up, before its source was translated. */
  readonly packet: Packet
}

/** A neighbour that was learned from its own question. */
interface LearnedNeighbour {
  readonly mac: string
  readonly from: { readonly place: Place; readonly link: Link } | undefined
}

/** One prediction under way. */
export class Walk {
  readonly scene: Scene
  readonly flow: Flow
  readonly steps: Steps
  direction: Hop['direction'] = 'request'
  readonly doubts = new Set<string>()
  readonly translations: SeenTranslation[] = []
  readonly #passages: (Passage & { readonly direction: Hop['direction'] })[] = []
  readonly #flows = new Map<string, TrackedFlowOf[]>()
  readonly #learnedPorts = new Map<string, string>()
  readonly #neighbours = new Map<string, LearnedNeighbour>()
  #steps = 0

  constructor(scene: Scene, flow: Flow, steps: Steps) {
    this.scene = scene
    this.flow = flow
    this.steps = steps
  }

  /** Remembers a router on the way. */
  passedThrough(passage: Passage): void {
    this.#passages.push({ ...passage, direction: this.direction })
  }

  /** Routers that packets of one direction went through, in order, outer packets of tunnels among them. */
  passages(direction: Hop['direction']): readonly Passage[] {
    return this.#passages.filter((passage) => passage.direction === direction)
  }

  /** Counts a step; false when there were too many, as in a loop of bridges. */
  step(): boolean {
    this.#steps++
    return this.#steps <= MOST_STEPS
  }

  /** What connection tracking of `place` knows of a packet's flow, and whether the packet goes the other way. */
  trackedFlow(place: Place, packet: Packet): { flow: TrackedFlow | undefined; reply: boolean } {
    const flows = this.#flows.get(place.inode) ?? []
    for (const { protocol, flow } of flows.toReversed()) {
      if (protocol !== packet.protocol || flow.untracked) continue
      if (sameTuple(flow.reply, packet)) return { flow, reply: true }
      if (sameTuple(flow.original, packet)) return { flow, reply: false }
    }
    return { flow: undefined, reply: false }
  }

  /** Remembers what connection tracking of `place` knows now; `before` is what it knew, when it did. */
  track(place: Place, packet: Packet, before: TrackedFlow | undefined, now: TrackedFlow): void {
    const flows = (this.#flows.get(place.inode) ?? []).filter(({ flow }) => flow !== before)
    flows.push({ protocol: packet.protocol, flow: now })
    this.#flows.set(place.inode, flows)
  }

  /** Everything that connection tracking learned, of every namespace: for the search for a cause. */
  trackedFlows(): { readonly inode: string; readonly flow: TrackedFlow }[] {
    return [...this.#flows].flatMap(([inode, flows]) => flows.map(({ flow }) => ({ inode, flow })))
  }

  /** A bridge or vxlan (`inode/index`) saw a link-layer address behind a port, or behind a VTEP. */
  learnPort(table: string, vlan: number, mac: string, where: string): void {
    this.#learnedPorts.set(`${table} ${vlan} ${mac}`, where)
  }

  /** What `learnPort` was told. */
  learnedPort(table: string, vlan: number, mac: string): string | undefined {
    return this.#learnedPorts.get(`${table} ${vlan} ${mac}`)
  }

  /** A namespace learned a neighbour from its own question or answer. */
  learnNeighbour(place: Place, index: number, address: string, mac: string, from?: LearnedNeighbour['from']): void {
    this.#neighbours.set(`${place.inode}/${index} ${address}`, { mac, from })
  }

  /** Who told a namespace of a neighbour, when it had to ask. */
  answererOf(place: Place, index: number, address: string): LearnedNeighbour['from'] {
    return this.#neighbours.get(`${place.inode}/${index} ${address}`)?.from
  }

  /** What `learnNeighbour` was told. */
  learnedNeighbour(place: Place, index: number, address: string): string | undefined {
    return this.#neighbours.get(`${place.inode}/${index} ${address}`)?.mac
  }
}

interface TrackedFlowOf {
  readonly protocol: number
  readonly flow: TrackedFlow
}

function sameTuple(tuple: TrackedFlow['original'], packet: Packet): boolean {
  if (tuple.source !== packet.source || tuple.destination !== packet.destination) return false
  // Echo requests and answers carry the same identifier, whichever field it stands in.
  if (packet.icmp !== undefined) return tuple.sourcePort === packet.sourcePort
  return tuple.sourcePort === packet.sourcePort && tuple.destinationPort === packet.destinationPort
}
