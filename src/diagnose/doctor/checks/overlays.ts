/** Overlay networks: what one tunnel end has written down of those behind the others, against who is there. */
import { NeighbourState } from '../../../kernel/index.ts'
import { commandIn } from '../../remedy/command-line.ts'
import { fixNeighbourMissing, fixVtep } from '../../remedy/neighbour-fix.ts'
import type { Place } from '../../scene/place.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import { groupBy } from '../group-by.ts'
import type { Interface } from '../interface.ts'
import { EVERYTHING_ELSE, sameChannel, servesSameSubnet, type TunnelEnd } from '../overlay.ts'
import { called, fact, listed, subjectOf } from '../words.ts'

/** `fdb-missing`, `fdb-wrong-destination`, `neighbour-missing`, `vxlan-vni-mismatch` */
export const overlayEntries: Check = {
  codes: ['fdb-missing', 'fdb-wrong-destination', 'neighbour-missing', 'vxlan-vni-mismatch'],
  examine(examination) {
    return examination.overlays.ends.flatMap((end) => {
      if (examination.broken.has(end.vxlan) || !end.vxlan.up) return []
      const wrong = wrongChannel(end, examination)
      if (wrong !== undefined) return [wrong]
      const known = examination.overlays.partners(end).flatMap((other) => partnerFindings(end, other, examination))
      return [...known, ...deadEnds(end, examination)]
    })
  },
}

/** Entries lead to a host whose end of this network listens on another number. */
function wrongChannel(end: TunnelEnd, { overlays, wiring }: Examination): Diagnosis | undefined {
  if (overlays.partners(end).length > 0) return undefined
  const other = overlays.ends.find(
    (candidate) =>
      candidate !== end &&
      candidate.underlay !== undefined &&
      candidate.underlay.inode !== end.underlay?.inode &&
      !sameChannel(end, candidate) &&
      (overlays.leadsTo(end, candidate) || overlays.leadsTo(candidate, end)) &&
      // Somebody else's network on the same host is no mismatch.
      overlays.partners(candidate).length === 0 &&
      (servesSameSubnet(end, candidate) || sharesGateway(end, candidate, wiring)),
  )
  if (other === undefined) return undefined
  const number = end.vni !== other.vni
  const words = ({ vni, port }: TunnelEnd): string => (number ? `number ${vni}` : `port ${port}`)
  return {
    finding: {
      code: 'vxlan-vni-mismatch',
      severity: 'error',
      subject: subjectOf(end.vxlan.place, end.vxlan),
      summary: `${called(end.vxlan)} uses ${words(end)}, but ${called(other.vxlan)} at the other end uses ${words(other)}: neither takes what the other sends.`,
      evidence: [
        fact(`${called(end.vxlan)}: vxlan id ${end.vni} dstport ${end.port}`),
        fact(`${called(other.vxlan)}: vxlan id ${other.vni} dstport ${other.port}`),
      ],
      fix: null,
    },
    breaks: [],
  }
}

/** The bridges that they are ports of are of one subnet. */
function sharesGateway(a: TunnelEnd, b: TunnelEnd, wiring: Examination['wiring']): boolean {
  const addresses = ({ vxlan }: TunnelEnd) => wiring.bridgeOf(vxlan)?.addresses.map(({ text }) => text) ?? []
  const theirs = addresses(b)
  return addresses(a).some((text) => theirs.includes(text))
}

/** What `end` should know of those behind `other`. */
function partnerFindings(end: TunnelEnd, other: TunnelEnd, examination: Examination): Diagnosis[] {
  const [vtep] = other.reachedAt
  // Each host of an overlay has the gateway's address on a bridge of its own.
  const remote = other.stations.filter((one) => one.kind !== 'bridge' && one.up && !examination.broken.has(one))
  if (vtep === undefined) return []
  return remote.flatMap((station) => [
    ...(forwardingFinding(end, other, station, vtepTowards(end, other) ?? vtep, examination) ?? []),
    ...(neighbourFindings(end, station, examination) ?? []),
  ])
}

/** The address under which the other entries name that host. */
function vtepTowards(end: TunnelEnd, other: TunnelEnd): string | undefined {
  const named = end.forwarding.find(
    ({ destination }) => destination !== undefined && other.reachedAt.has(destination),
  )?.destination
  if (named !== undefined || end.underlay === undefined) return named
  return [...other.reachedAt].find((address) => {
    const answer = end.underlay!.lookUpRoute({ destination: address })
    return answer.kind === 'unicast' && answer.gateway === undefined
  })
}

function forwardingFinding(
  end: TunnelEnd,
  other: TunnelEnd,
  station: Interface,
  vtep: string,
  { scene }: Examination,
): Diagnosis[] | undefined {
  const entries = end.forwarding.filter(({ lladdr }) => lladdr === station.mac)
  if (entries.some(({ destination }) => destination !== undefined && other.reachedAt.has(destination))) return undefined
  const [entry] = entries
  if (entry === undefined && end.floods) return undefined
  const fix = fixVtep(end.vxlan.place, scene.home, end.vxlan.name, station.mac!, vtep)
  const there = fact(`${called(station)} with MAC ${station.mac} is behind ${called(other.vxlan)}, reached at ${vtep}`)
  const subject = subjectOf(end.vxlan.place, end.vxlan)
  if (entry === undefined) {
    return [
      {
        finding: {
          code: 'fdb-missing',
          severity: 'error',
          subject,
          summary: `${called(end.vxlan)} does not know where to send frames for ${station.mac} (${called(station)}), and floods nothing.`,
          evidence: [
            fact(`no forwarding entry for ${station.mac} on ${called(end.vxlan)}, and none for unknown addresses`),
            there,
          ],
          fix,
        },
      },
    ]
  }
  return [
    {
      finding: {
        code: 'fdb-wrong-destination',
        severity: 'error',
        subject,
        summary: `${called(end.vxlan)} sends frames for ${station.mac} (${called(station)}) to ${entry.destination}, but it is behind ${vtep}.`,
        evidence: [fact(`${station.mac} dst ${entry.destination} on ${called(end.vxlan)}`), there],
        fix: withRemovals(
          entries.map(({ destination }) => destination!),
          end,
          station.mac!,
          fix,
          scene.home,
        ),
      },
    },
  ]
}

/** The kernel keeps several destinations of one address beside each other unless told to replace. */
function withRemovals(
  destinations: readonly string[],
  end: TunnelEnd,
  mac: string,
  fix: ReturnType<typeof fixVtep>,
  home: string,
): ReturnType<typeof fixVtep> {
  const removals = destinations.map((destination) =>
    commandIn(end.vxlan.place, home, ['bridge', 'fdb', 'del', mac, 'dev', end.vxlan.name, 'dst', destination, 'self']),
  )
  return destinations.length < 2 ? fix : { ...fix, commands: [...removals, ...fix.commands] }
}

/** With proxy, the tunnel end answers questions from its own table, and passes none on (vxlan_xmit, arp_reduce). */
function neighbourFindings(end: TunnelEnd, station: Interface, { scene }: Examination): Diagnosis[] | undefined {
  if (!end.proxy || station.mac === undefined) return undefined
  return station.addresses
    .filter(({ address, family }) => {
      // What others told of IPv6 neighbours Docker does not write down; the kernel floods those questions.
      return (
        family === 'ipv4' &&
        !end.neighbours.some((entry) => entry.destination === address && (entry.state & NeighbourState.failed) === 0)
      )
    })
    .map(
      ({ address }): Diagnosis => ({
        finding: {
          code: 'neighbour-missing',
          severity: 'error',
          subject: subjectOf(end.vxlan.place, end.vxlan),
          summary: `${called(end.vxlan)} answers questions about neighbours by itself, and has no answer for ${address} (${called(station)}).`,
          evidence: [
            fact(`${called(end.vxlan)} is a proxy and has no neighbour entry for ${address}`),
            fact(`${called(station)} has ${address} and MAC ${station.mac}`),
          ],
          fix: fixNeighbourMissing(end.vxlan.place, scene.home, end.vxlan.name, address, station.mac!),
        },
      }),
    )
}

/** Entries that lead to an address which nobody has, to a host without an end of this network, or past everybody behind it. */
function deadEnds(end: TunnelEnd, examination: Examination): Diagnosis[] {
  if (end.underlay === undefined) return []
  const entries = end.forwarding.flatMap(({ destination, lladdr }) =>
    destination === undefined || lladdr === undefined ? [] : [{ destination, mac: lladdr }],
  )
  const byDestination = groupBy(entries, ({ destination }) => destination)
  return [...byDestination].flatMap(([destination, group]): Diagnosis[] => {
    const macs = group.map(({ mac }) => mac)
    if (macs.every((mac) => isReported(mac, end, examination))) return []
    const ends = examination.overlays.behind(end, destination)
    const others = ends.filter((other) => sameChannel(end, other))
    if (others.length > 0) {
      const strangers = macs.filter((mac) => others.every((other) => isStranger(mac, other, examination)))
      return strangers.length === 0
        ? []
        : [deadEnd(end, destination, strangers, 'behind which nobody has it', examination)]
    }
    if (isNobody(destination, end, examination))
      return [deadEnd(end, destination, macs, 'which nobody on its wire has', examination)]
    const host = hostAt(destination, end, examination)
    if (host === undefined || takesTunnels(host, end)) return []
    return [deadEnd(end, destination, macs, `where ${host.label} has no end of this network`, examination)]
  })
}

function deadEnd(
  { vxlan }: TunnelEnd,
  destination: string,
  macs: readonly string[],
  fault: string,
  { scene }: Examination,
): Diagnosis {
  const commands = macs.map((mac) =>
    commandIn(vxlan.place, scene.home, ['bridge', 'fdb', 'del', mac, 'dev', vxlan.name, 'dst', destination, 'self']),
  )
  const what = macs.includes(EVERYTHING_ELSE) ? 'frames for everybody' : `frames for ${listed(macs)}`
  return {
    finding: {
      code: 'fdb-wrong-destination',
      severity: 'warning',
      subject: subjectOf(vxlan.place, vxlan),
      summary: `${called(vxlan)} sends ${what} to tunnel end ${destination}, ${fault}.`,
      evidence: macs.slice(0, 8).map((mac) => fact(`${mac} dst ${destination} on ${called(vxlan)}`)),
      fix: { safe: true, summary: `Forget the entries that lead to ${destination}.`, commands },
    },
  }
}

/** Nobody behind a tunnel end has the address, and everybody there is in sight. */
function isStranger(mac: string, { vxlan }: TunnelEnd, { wideSegments, wiring }: Examination): boolean {
  if (mac === EVERYTHING_ELSE || wiring.bridgeOf(vxlan) === undefined) return false
  const { stations, ports, openAt } = wideSegments.of(vxlan)
  return openAt === undefined && ![...stations, ...ports].some((one) => one.mac === mac)
}

/** The one namespace on the wire below that has an address; undefined where others may be out of sight. */
function hostAt(address: string, { underlay }: TunnelEnd, { wiring, segments }: Examination): Place | undefined {
  const answer = underlay!.lookUpRoute({ destination: address })
  const output = wiring.get(underlay!.inode, answer.output)
  if (answer.kind !== 'unicast' || answer.gateway !== undefined || output === undefined) return undefined
  const { stations, openAt } = segments.of(output)
  const holders = stations.filter(({ allAddresses }) => allAddresses.some((own) => own.address === address))
  return openAt === undefined && holders.length === 1 ? holders[0]!.place : undefined
}

/** Some program, or a tunnel end that takes every number (Open vSwitch, eBPF), listens on the port. */
function takesTunnels(host: Place, { port }: TunnelEnd): boolean {
  return (
    host.links.some(({ info }) => info?.vxlan?.collectMetadata === 1) ||
    host.sockets.some(({ protocol, local }) => protocol === 'udp' && local.port === port)
  )
}

/** The station that an entry is for is in sight, so that its true place has been told. */
function isReported(mac: string, end: TunnelEnd, { overlays }: Examination): boolean {
  return overlays
    .partners(end)
    .some(({ stations }) => stations.some((one) => one.mac === mac && one.up && one.kind !== 'bridge'))
}

function isNobody(address: string, { underlay }: TunnelEnd, { wiring, segments }: Examination): boolean {
  const answer = underlay!.lookUpRoute({ destination: address })
  if (answer.kind !== 'unicast' || answer.gateway !== undefined) return false
  const output = wiring.get(underlay!.inode, answer.output)
  if (output === undefined || !output.up) return false
  const { stations, openAt } = segments.of(output)
  return (
    openAt === undefined &&
    stations.length > 1 &&
    !stations.some(({ allAddresses }) => allAddresses.some((own) => own.address === address))
  )
}
