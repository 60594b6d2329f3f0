/** The kernel's own account of what rule sets do with a probe's packets, in several namespaces at once. */
import { type FilterTrace, type FilterTraceEvent, type FilterTraceMatch, openFilterTrace } from '../../kernel/index.ts'
import type { Place } from '../scene/place.ts'
import { ETHERTYPE } from './ip-header.ts'
import type { DecidingRule } from './observation.ts'
import type { Probe } from './probe.ts'
import { recognise } from './recognise.ts'
import { tracedRule } from './traced-rule.ts'

/** Events that are looked at in one namespace. */
const MOST_EVENTS = 20_000

interface OpenTrace {
  readonly place: Place
  readonly trace: FilterTrace
  /** Ids of packets that are ours. */
  readonly ours: Set<number>
  /** Where such a packet met its end. */
  end: FilterTraceEvent | undefined
  events: number
}

/** Traces of nftables. They exist only once opened, and are gone with their sockets. Close them when done. */
export class FilterTraces {
  readonly warnings: string[] = []
  readonly #probe: Probe
  readonly #noticed: () => void
  readonly #traces: OpenTrace[] = []

  /** @param noticed is called when a packet of ours met its end */
  constructor(probe: Probe, noticed: () => void) {
    this.#probe = probe
    this.#noticed = noticed
  }

  /** Begins to trace in these namespaces, as far as they have rules, anew where it did already. */
  open(places: readonly Place[], matches: (place: Place) => readonly FilterTraceMatch[]): void {
    for (const place of places) {
      const wanted = hasRules(place) ? matches(place) : []
      if (wanted.length > 0) this.#open(place, wanted)
    }
  }

  #open(place: Place, matches: readonly FilterTraceMatch[]): void {
    try {
      const trace = openTraceIn(place, matches)
      const open: OpenTrace = { place, trace, ours: new Set(), end: undefined, events: 0 }
      this.#traces.push(open)
      void this.#listen(open)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.warnings.push(`rules of ${place.label} could not be traced: ${reason}`)
    }
  }

  async #listen(open: OpenTrace): Promise<void> {
    for await (const item of open.trace) {
      if (item.kind === 'event') this.#take(open, item.event)
    }
  }

  #take(open: OpenTrace, event: FilterTraceEvent): void {
    if (++open.events > MOST_EVENTS || open.end !== undefined) return
    if (this.#isOurs(event)) open.ours.add(event.id)
    if (!open.ours.has(event.id) || !isEnd(event)) return
    open.end = event
    this.#noticed()
  }

  /** Only the first step in each base chain has headers. A tunnel's packet shows its own; its ports were matched already. */
  #isOurs({ headers: { network, transport } }: FilterTraceEvent): boolean {
    if (network === undefined || transport === undefined) return false
    const etherType = network[0]! >> 4 === 6 ? ETHERTYPE.ipv6 : ETHERTYPE.ipv4
    const length = etherType === ETHERTYPE.ipv4 ? (network[0]! & 0xf) * 4 : 40
    if (recognise(this.#probe, Buffer.concat([network.subarray(0, length), transport]), etherType) !== undefined)
      return true
    const protocol = etherType === ETHERTYPE.ipv4 ? network[9] : network[6]
    return this.#probe.protocol !== 'udp' && protocol === UDP
  }

  /** There is a rule set that is traced. */
  get areOpen(): boolean {
    return this.#traces.length > 0
  }

  /** A packet of ours met its end at a rule, as far as is known by now. */
  get hasEnded(): boolean {
    return this.#traces.some(({ end }) => end !== undefined)
  }

  /** The rules at which packets of ours met their end. */
  rules(): DecidingRule[] {
    for (const open of this.#traces) {
      for (const item of open.trace.poll()) if (item.kind === 'event') this.#take(open, item.event)
    }
    const named = new Set<string>()
    return this.#traces.flatMap(({ place, end }): DecidingRule[] => {
      const key = `${place.inode} ${end?.table} ${end?.chain} ${end?.ruleHandle}`
      if (end === undefined || named.has(key)) return []
      named.add(key)
      const rule = tracedRule(place, end)
      const verdict = end.verdict.kind === 'queue' ? 'taken' : /\breject\b/i.test(rule.text) ? 'reject' : 'drop'
      return [{ namespace: place.inode, rule, verdict, by: 'trace', hook: undefined }]
    })
  }

  close(): void {
    for (const { trace } of this.#traces) trace.close()
  }
}

const UDP = 17

function isEnd({ verdict: { kind } }: FilterTraceEvent): boolean {
  return kind === 'drop' || kind === 'queue'
}

function hasRules({ filters }: Place): boolean {
  return !filters.isEmpty('ip') || !filters.isEmpty('bridge')
}

/** With the bridge's rules where there are bridges and the kernel can. */
function openTraceIn({ namespace, links }: Place, matches: readonly FilterTraceMatch[]): FilterTrace {
  if (!links.some((link) => link.info?.kind === 'bridge')) return openFilterTrace(namespace, matches)
  try {
    return openFilterTrace(namespace, matches, { bridge: true })
  } catch {
    // Without nf_tables' bridge family there are no such rules either.
    return openFilterTrace(namespace, matches)
  }
}
