/** Watching every interface of some namespaces for a probe's packets. */
import { PacketWatch, type WatchedPacket } from '../../kernel/index.ts'
import type { Place } from '../scene/place.ts'
import type { Sighting } from './observation.ts'
import type { Probe } from './probe.ts'
import { sightingFilter } from './probe-filter.ts'
import { type Recognised, recognise, type SeenPacket } from './recognise.ts'

/** Packets that are kept; a storm of ARP must not fill the memory. */
const MOST_SIGHTINGS = 4096
const RECEIVE_BUFFER = 1 << 20

interface Caught {
  readonly place: Place
  readonly index: number
  readonly passes: 'in' | 'out'
  readonly forOthers: boolean
  /** Of the real-time clock. */
  readonly microseconds: number
  readonly recognised: Recognised
}

/** Watches of namespaces. Close it when done. */
export class Lookout {
  /** What could not be watched. */
  readonly warnings: string[] = []
  readonly #probe: Probe
  readonly #watches: { readonly place: Place; readonly watch: PacketWatch }[] = []
  readonly #caught: Caught[] = []
  readonly #noticed: () => void

  /**
   * Begins to watch.
   * @param ports that the flow has, also after translations
   * @param noticed is called whenever a packet was caught
   */
  constructor(init: {
    readonly probe: Probe
    readonly places: readonly Place[]
    readonly ports: readonly number[]
    readonly noticed: () => void
  }) {
    this.#probe = init.probe
    this.#noticed = init.noticed
    const filter = sightingFilter(init.probe, init.ports)
    for (const place of init.places) this.#watch(place, filter)
  }

  #watch(place: Place, filter: Buffer): void {
    try {
      const watch = PacketWatch.open({ namespace: place.namespace, filter, receiveBuffer: RECEIVE_BUFFER })
      this.#watches.push({ place, watch })
      watch.start((packet) => this.#see(place, packet))
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.warnings.push(`${place.label} could not be watched: ${reason}`)
    }
  }

  /** Inodes of what is watched. */
  get watched(): string[] {
    return this.#watches.map(({ place }) => place.inode)
  }

  #see(place: Place, packet: WatchedPacket): void {
    if (this.#caught.length >= MOST_SIGHTINGS) return
    const recognised = recognise(this.#probe, packet.bytes, packet.protocol)
    if (recognised === undefined) return
    const passes = packet.direction === 'outgoing' ? 'out' : 'in'
    const forOthers = packet.direction === 'other-host'
    const { interfaceIndex: index, microseconds } = packet
    this.#caught.push({ place, index, passes, forOthers, microseconds, recognised })
    this.#noticed()
  }

  /** True when a packet of ours has passed this interface by now. */
  hasSeen(namespace: string, index: number, passes: 'in' | 'out'): boolean {
    return this.#caught.some(
      (caught) =>
        caught.place.inode === namespace &&
        caught.index === index &&
        caught.passes === passes &&
        (caught.recognised.kind === 'request' || caught.recognised.kind === 'datagram'),
    )
  }

  /** The ICMP errors about our packets that came into a namespace. */
  errorsInto(namespace: string): Extract<Recognised, { kind: 'error' }>[] {
    return this.#caught.flatMap(({ place, passes, recognised }) =>
      place.inode === namespace && passes === 'in' && recognised.kind === 'error' ? [recognised] : [],
    )
  }

  /** Everything seen until now, in order of time, counted from the first packet of ours. */
  sightings(): Sighting[] {
    for (const { place, watch } of this.#watches) watch.drain((packet) => this.#see(place, packet))
    const caught = [...this.#caught].sort((a, b) => a.microseconds - b.microseconds)
    const first = caught.find(({ recognised }) => 'packet' in recognised)?.microseconds ?? caught[0]?.microseconds ?? 0
    const directions = new Directions()
    return caught.map((one) => ({
      namespace: one.place.inode,
      index: one.index,
      interface: one.place.link(one.index)?.name ?? `#${one.index}`,
      passes: one.passes,
      microseconds: Math.round((one.microseconds - first) * 10) / 10,
      forOthers: one.forOthers,
      ...described(one.recognised, directions),
    }))
  }

  /** Ends the watches, all at once. */
  async close(): Promise<void> {
    await Promise.all(this.#watches.map(({ watch }) => watch.close()))
  }
}

type Description = Pick<Sighting, 'kind' | 'number' | 'packet' | 'tunnel' | 'error' | 'target'>

function described(recognised: Recognised, directions: Directions): Description {
  const nothing = { number: undefined, packet: undefined, tunnel: undefined, error: undefined, target: undefined }
  switch (recognised.kind) {
    case 'solicitation':
    case 'advertisement':
      return { ...nothing, kind: recognised.kind, target: recognised.target }
    case 'datagram':
      return { ...nothing, ...recognised, kind: directions.of(recognised.packet) }
    case 'error':
      return { ...nothing, ...recognised, kind: 'error' }
    default:
      return { ...nothing, ...recognised, kind: recognised.kind }
  }
}

/** Which datagrams are requests and which replies: the first is a request, and what goes the other way is its reply. */
class Directions {
  readonly #requests = new Set<string>()

  of({ source, destination, sourcePort, destinationPort }: SeenPacket): 'request' | 'reply' {
    const there = `${source} ${sourcePort} ${destination} ${destinationPort}`
    const back = `${destination} ${destinationPort} ${source} ${sourcePort}`
    if (this.#requests.has(back) && !this.#requests.has(there)) return 'reply'
    this.#requests.add(there)
    return 'request'
  }
}
