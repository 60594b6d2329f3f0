/** Which packets to have traced in a namespace: those of the flow, as they are known or expected to look there. */
import type { FilterTraceMatch } from '../../kernel/index.ts'
import type { Flow } from '../path/flow.ts'
import { Protocol } from '../path/packet.ts'
import type { Prediction } from '../path/prediction.ts'
import type { Family } from '../scene/place.ts'
import type { Sighting } from './observation.ts'
import { type Probe, protocolNumber } from './probe.ts'

/** Rules that a trace's table may have; each is asked for every packet of the namespace. */
const MOST_TUPLES = 16

interface Tuple {
  readonly family: Family
  readonly source: string
  readonly destination: string
  readonly sourcePort: number
  readonly destinationPort: number
}

/** What the packets of a probe may look like in one namespace, in both directions. */
export function tracedTuples(
  namespace: string,
  about: {
    readonly probe: Probe
    readonly flow: Flow
    readonly prediction: Prediction
    readonly sightings: readonly Sighting[]
  },
): FilterTraceMatch[] {
  const { probe, flow, prediction, sightings } = about
  const seen = sightings.flatMap((one) => (one.namespace === namespace && one.packet !== undefined ? [one.packet] : []))
  const expected = prediction.hops.flatMap((hop) => (hop.namespace === namespace ? [hop.packet] : []))
  const asked: Tuple[] =
    flow.source === undefined || namespace !== flow.from.inode
      ? []
      : [{ ...probe, source: flow.source, destination: flow.destination, destinationPort: probe.port }]
  const inner = [...seen, ...expected, ...asked].flatMap((tuple) => bothWays(tuple, probe))
  const outer = sightings.flatMap((one) => (one.namespace === namespace ? outerTuple(one) : []))
  return unique([...inner, ...outer]).slice(0, MOST_TUPLES)
}

function bothWays(tuple: Tuple, probe: Probe): FilterTraceMatch[] {
  const { family, source, destination, sourcePort, destinationPort } = tuple
  const protocol = protocolNumber({ ...probe, family })
  if (probe.protocol === 'icmp') {
    const icmpId = sourcePort
    return [
      { family, protocol, source, destination, icmpId },
      { family, protocol, source: destination, destination: source, icmpId },
    ]
  }
  return [
    { family, protocol, source, destination, sourcePort, destinationPort },
    {
      family,
      protocol,
      source: destination,
      destination: source,
      sourcePort: destinationPort,
      destinationPort: sourcePort,
    },
  ]
}

/** The tunnel's packet around ours; its source port is made from what it carries, so it is nearly ours alone. */
function outerTuple({ tunnel }: Sighting): FilterTraceMatch[] {
  if (tunnel?.sourcePort === undefined || tunnel.destinationPort === undefined) return []
  const { source, destination, sourcePort, destinationPort } = tunnel
  const family = source.includes(':') ? 'ipv6' : 'ipv4'
  return [{ family, protocol: Protocol.udp, source, destination, sourcePort, destinationPort }]
}

function unique(matches: readonly FilterTraceMatch[]): FilterTraceMatch[] {
  const byText = new Map(matches.map((match) => [JSON.stringify(match), match]))
  return [...byText.values()]
}
