/** Puts together the document of a trace. */
import type { Observation, Sighting } from '../observe/observation.ts'
import type { Flow } from '../path/flow.ts'
import type { Prediction } from '../path/prediction.ts'
import type { Explanation } from './explain/explanation.ts'
import { lastSeenHop, type SeenHop } from './seen-hops.ts'
import type { TraceDocument, TraceEnd, TraceHop, TraceObservation } from './trace-document.ts'

/** What was found out about a flow. */
export interface Judgement {
  readonly flow: Flow
  readonly prediction: Prediction
  /** Undefined when nothing was sent. */
  readonly observation: Observation | undefined
  readonly hops: readonly SeenHop[]
  readonly explanation: Explanation
}

/** The document, apart from what only the caller knows. */
export function composeJudgement({
  flow,
  prediction,
  observation,
  hops,
  explanation,
}: Judgement): Omit<TraceDocument, 'schema' | 'from' | 'to' | 'resolution' | 'warnings' | 'supposed' | 'milliseconds'> {
  const { verdict, direction, cause, fix, differences } = explanation
  return {
    flow: {
      protocol: flow.protocol,
      family: flow.family,
      source: flow.source ?? prediction.hops[0]?.packet.source ?? null,
      destination: flow.destination,
      port: flow.port ?? null,
      sourcePort: flow.sourcePort,
      size: flow.size,
    },
    verdict,
    direction,
    hops: hops.map((hop) => traceHop(hop, observation)),
    cause,
    fix,
    leaves: prediction.leaves,
    predicted: {
      verdict: prediction.verdict,
      direction: prediction.direction,
      cause: prediction.cause?.code ?? null,
      doubts: prediction.doubts,
    },
    observed: observation === undefined ? null : traceObservation(observation, flow, hops),
    differences,
  }
}

function traceHop({ hop, sighting, watchable }: SeenHop, observation: Observation | undefined): TraceHop {
  const { direction, namespace, label, passes, action, detail } = hop
  return {
    direction,
    namespace,
    label,
    interface: hop.interface,
    passes,
    action,
    detail,
    seen: observation === undefined || !watchable ? null : sighting !== undefined,
    microseconds: sighting?.microseconds ?? null,
  }
}

function traceObservation(observation: Observation, flow: Flow, hops: readonly SeenHop[]): TraceObservation {
  const { outcome, sent, answered, sightings } = observation
  return { outcome, sent, answered, roundTripMicroseconds: roundTrip(sightings, flow), lastSeen: lastSeen(hops) }
}

/** From the request's first sighting in the sender's namespace to its answer's last one there. */
function roundTrip(sightings: readonly Sighting[], { from }: Flow): number | null {
  const here = sightings.filter(({ namespace }) => namespace === from.inode)
  const out = here.find(({ kind, passes }) => kind === 'request' && passes === 'out')
  const back = here.findLast(
    ({ kind, passes, number }) =>
      (kind === 'reply' || kind === 'reset') && passes === 'in' && (number ?? out?.number) === out?.number,
  )
  return out === undefined || back === undefined ? null : Math.round((back.microseconds - out.microseconds) * 10) / 10
}

function lastSeen(hops: readonly SeenHop[]): TraceObservation['lastSeen'] {
  const last = lastSeenHop(hops)?.hop
  if (last === undefined || last.interface === null || last.passes === null) return null
  const { direction, namespace, label, passes } = last
  return { direction, namespace, label, interface: last.interface, passes }
}

/** An end of what was asked, as the document names it. */
export function traceEnd(
  word: string,
  place: Flow['from'] | undefined,
  names: readonly string[],
  address: string,
): TraceEnd {
  return { word, namespace: place?.inode ?? null, label: place?.label ?? address, names }
}
