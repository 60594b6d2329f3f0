/** Sends a few packets of a flow and watches them on their predicted way. */
import type { Flow } from '../path/flow.ts'
import type { Prediction } from '../path/prediction.ts'
import type { Place } from '../scene/place.ts'
import type { Scene } from '../scene/scene.ts'
import { Bell } from './bell.ts'
import { FilterTraces } from './filter-traces.ts'
import { LegacyCounters } from './legacy-counters.ts'
import { Lookout } from './lookout.ts'
import type { Answer, Observation, ObservedOutcome, SendFailure } from './observation.ts'
import { MOST_PACKETS } from './probe.ts'
import { ProtocolChanges } from './protocol-changes.ts'
import { Sender } from './sender.ts'
import { tracedTuples } from './traced-tuple.ts'

/** How to observe. */
export interface ObserveOptions {
  /** Packets to send when all is well; 1 by default, at most 30. */
  readonly count?: number
  /** Milliseconds to wait for an answer at most, by default 1000. */
  readonly timeout?: number
  readonly signal?: AbortSignal | undefined
}

/** Packets that a person may ask for. */
export const MOST_ASKED = 30
/** Namespaces that are watched; a way through more is not watched to its end. */
const MOST_PLACES = 64
const USUAL_TIMEOUT = 1000
/** Milliseconds after which a packet without an answer is sent once more, watched more closely. */
const PATIENCE = 200
/** The same when nothing else was to be expected. */
const PATIENCE_IF_EXPECTED = 60
/** What is waited for altogether when the prediction was sure that nothing would come, and nothing did. */
const TIMEOUT_IF_EXPECTED = 300
/** A rule set that is traced tells of a packet within this time. */
const TRACE_DELAY = 80
/** An ICMP error follows its packet within this time where it comes from this host. */
const ERROR_DELAY = 40

/**
 * Sends packets of `flow` and tells what was seen of them. Nothing stays behind, also when the process is killed: all that is
 * made are sockets, and tables that go with a socket.
 * @throws KernelError EPERM without the rights to open raw sockets in the namespace
 */
export async function observe(
  scene: Scene,
  flow: Flow,
  prediction: Prediction,
  options: ObserveOptions = {},
): Promise<Observation> {
  const watching = new Observing(scene, flow, prediction, options)
  try {
    await watching.run()
    return watching.result()
  } finally {
    await watching.close()
  }
}

class Observing {
  readonly #flow: Flow
  readonly #prediction: Prediction
  readonly #options: ObserveOptions
  readonly #places: readonly Place[]
  readonly #bell = new Bell()
  readonly #sender: Sender
  readonly #lookout: Lookout
  readonly #traces: FilterTraces
  readonly #counters: LegacyCounters
  readonly #expected: boolean
  #changes: ProtocolChanges | undefined
  #failure: SendFailure | undefined
  #sent = 0

  constructor(scene: Scene, flow: Flow, prediction: Prediction, options: ObserveOptions) {
    this.#flow = flow
    this.#prediction = prediction
    this.#options = options
    this.#places = placesConcerned(scene, flow, prediction)
    this.#expected = prediction.verdict !== 'delivered' && prediction.doubts.length === 0
    const noticed = (): void => this.#bell.ring()
    this.#counters = new LegacyCounters(this.#places)
    this.#sender = new Sender(flow)
    this.#traces = new FilterTraces(this.#sender.probe, noticed)
    const ports = [this.#sender.probe.port, this.#sender.probe.sourcePort, ...predictedPorts(prediction)]
    this.#lookout = new Lookout({ probe: this.#sender.probe, places: this.#places, ports, noticed })
  }

  async run(): Promise<void> {
    const { count = 1, timeout = USUAL_TIMEOUT } = this.#options
    this.#failure = this.#sender.open(() => this.#bell.ring())
    if (this.#failure !== undefined) return
    const packets = Math.min(Math.max(1, count), MOST_ASKED)
    if (this.#prediction.verdict !== 'delivered' || this.#prediction.doubts.length > 0) this.#trace()
    const patience = this.#expected ? PATIENCE_IF_EXPECTED : PATIENCE
    for (let i = 0; i < packets && !this.#isStopped(); i++) {
      this.#send()
      await this.#settled(Math.min(patience, timeout))
    }
    if (this.#options.signal?.aborted === true) return
    if (this.#isRefusedUnexpectedly()) await this.#askWhoRefuses()
    else if (!this.#isSettled()) await this.#askWhereItDies(timeout - patience)
  }

  /** Silence. Once more, looking closer in ways that are not worth their cost while all is well. */
  async #askWhereItDies(timeLeft: number): Promise<void> {
    this.#trace()
    this.#changes = new ProtocolChanges(this.#places)
    this.#send()
    await this.#settled(Math.max(0, this.#expected ? Math.min(TIMEOUT_IF_EXPECTED, timeLeft) : timeLeft))
  }

  #isRefusedUnexpectedly(): boolean {
    const answer = this.#answer()
    return answer !== undefined && answer.kind !== 'reply' && this.#prediction.verdict === 'delivered'
  }

  /** A closed port and a rule that rejects look the same to the sender; the rule set tells them apart. */
  async #askWhoRefuses(): Promise<void> {
    this.#trace()
    if (!this.#traces.areOpen) return
    this.#send()
    await this.#bell.until(() => this.#traces.hasEnded, TRACE_DELAY, this.#options.signal)
  }

  /** Has rule sets tell what they do with our packets: those that are expected, and by now those that were seen. */
  #trace(): void {
    const about = {
      probe: this.#sender.probe,
      flow: this.#flow,
      prediction: this.#prediction,
      sightings: this.#lookout.sightings(),
    }
    this.#traces.open(this.#places, ({ inode }) => tracedTuples(inode, about))
  }

  #send(): void {
    if (this.#sent >= MOST_PACKETS) return
    const failure = this.#sender.send(this.#sent++)
    if (failure !== undefined) this.#failure = failure
  }

  /** Waits until the last packet sent has met its fate as far as that can be told. */
  async #settled(milliseconds: number): Promise<void> {
    await this.#bell.until(() => this.#isSettled(), milliseconds, this.#options.signal)
    if (this.#answer() === undefined && this.#isSettled()) {
      await this.#bell.until(() => this.#answer() !== undefined, ERROR_DELAY, this.#options.signal)
    }
  }

  #isStopped(): boolean {
    return this.#options.signal?.aborted === true || this.#answer()?.kind === 'error'
  }

  #isSettled(): boolean {
    return (
      this.#answeredCount() >= this.#sent ||
      this.#answer()?.kind === 'error' ||
      this.#hasArrived() ||
      this.#traces.hasEnded
    )
  }

  #answeredCount(): number {
    return new Set(this.#sender.answers.map(({ number }, i) => number ?? i)).size
  }

  /** An answer, or else the first error. */
  #answer(): Answer | undefined {
    const [heard] = this.#sender.answers
    if (heard !== undefined) return heard
    const [first] = this.#lookout.errorsInto(this.#flow.from.inode)
    return first && { kind: 'error', from: first.error.from, number: first.number, error: first.error }
  }

  /** Datagrams need no answer: they have arrived when they were seen where they were to go. */
  #hasArrived(): boolean {
    if (this.#flow.protocol !== 'udp') return false
    const last = lastArrival(this.#prediction, this.#flow)
    return last !== undefined && this.#lookout.hasSeen(last.namespace, last.index, 'in')
  }

  result(): Observation {
    const sightings = this.#lookout.sightings()
    const answer = this.#answer()
    const outcome = this.#outcome(answer)
    const silent = outcome !== 'answered' && outcome !== 'arrived'
    const rules = silent ? [...this.#traces.rules(), ...this.#counters.grown(this.#sent)] : []
    return {
      outcome,
      sent: this.#sent,
      answered: this.#sender.answers.length === 0 ? 0 : this.#answeredCount(),
      answer,
      failure: this.#failure,
      sightings,
      rules,
      counters: silent ? (this.#changes?.grown() ?? []) : [],
      watched: this.#lookout.watched,
      warnings: [...this.#lookout.warnings, ...this.#traces.warnings],
    }
  }

  #outcome(answer: Answer | undefined): ObservedOutcome {
    if (answer !== undefined) return answer.kind === 'reply' ? 'answered' : 'refused'
    if (this.#hasArrived()) return 'arrived'
    return this.#failure === undefined ? 'silent' : 'unsendable'
  }

  async close(): Promise<void> {
    this.#sender.close()
    this.#traces.close()
    await this.#lookout.close()
  }
}

/** Where the packet is expected, and where it should have gone: each namespace once, the sender's first. */
function placesConcerned(scene: Scene, flow: Flow, prediction: Prediction): Place[] {
  const inodes = new Set([flow.from.inode, ...prediction.hops.map((hop) => hop.namespace)])
  if (flow.to !== undefined) inodes.add(flow.to.inode)
  if (prediction.cause !== null) inodes.add(prediction.cause.where.namespace)
  const places: Place[] = []
  for (const inode of [...inodes].slice(0, MOST_PLACES)) {
    try {
      places.push(scene.place(inode))
    } catch {
      // It is gone, or was never there; the prediction says so better than this could.
    }
  }
  return places
}

function predictedPorts({ hops }: Prediction): number[] {
  return hops.flatMap(({ packet }) => [packet.sourcePort, packet.destinationPort]).filter((port) => port > 0)
}

/** The loopback interface is the first of every namespace (net/core/dev.c, LOOPBACK_IFINDEX). */
const LOOPBACK = 1

/** The interface by which the request comes to the one who answers; undefined when it is not to get there. */
function lastArrival(
  { verdict, direction, hops }: Prediction,
  { from }: Flow,
): { readonly namespace: string; readonly index: number } | undefined {
  if (verdict === 'dropped' && direction === 'request') return undefined
  const there = hops.filter((hop) => hop.direction === 'request')
  const last = there.findLast(({ passes, index }) => passes === 'in' && index !== null)
  if (last !== undefined) return { namespace: last.namespace, index: last.index! }
  const stays = there.length > 0 && there.every(({ namespace }) => namespace === from.inode)
  return stays && there.at(-1)?.action === 'deliver' ? { namespace: from.inode, index: LOOPBACK } : undefined
}
