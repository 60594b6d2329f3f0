/** What namespaces believe of their neighbours, against who is really there. */
import { type Neighbour, NeighbourFlag, NeighbourState, RouteType } from '../../../kernel/index.ts'
import type { Fix } from '../../finding.ts'
import { fixNeighbourMissing, fixNeighbourStale } from '../../remedy/neighbour-fix.ts'
import type { Check, Diagnosis, Examination } from '../examination.ts'
import type { Interface } from '../interface.ts'
import { called, fact, subjectOf } from '../words.ts'

/** `neighbour-wrong`, `neighbour-failed` */
export const neighbours: Check = {
  codes: ['neighbour-wrong', 'neighbour-failed'],
  examine(examination) {
    return examination.scene.places().flatMap((place) =>
      place.neighbours.flatMap((entry) => {
        const one = examination.wiring.get(place.inode, entry.index)
        if (one === undefined || !one.up || examination.broken.has(one) || entry.destination === undefined) return []
        if ((entry.flags & NeighbourFlag.proxy) !== 0 || one.kind === 'loopback') return []
        if (isFixed(entry)) return judgeFixed(one, entry, entry.destination, examination) ?? []
        return (entry.state & NeighbourState.failed) === 0
          ? []
          : (judgeFailed(one, entry.destination, examination) ?? [])
      }),
    )
  },
}

function isFixed({ state, lladdr }: Neighbour): boolean {
  return (
    (state & (NeighbourState.permanent | NeighbourState.noArp)) !== 0 &&
    lladdr !== undefined &&
    lladdr.length === 17 &&
    lladdr !== '00:00:00:00:00:00'
  )
}

/** The kernel never asks again about a permanent entry: when it is wrong, it stays wrong. */
function judgeFixed(
  one: Interface,
  entry: Neighbour,
  address: string,
  examination: Examination,
): Diagnosis | undefined {
  // Groups have addresses that nobody owns.
  if (/^(ff|22[4-9]\.|23\d\.)/i.test(address) || (Number.parseInt(entry.lladdr!.slice(0, 2), 16) & 1) === 1)
    return undefined
  const { stations, openAt } = examination.wideSegments.of(one)
  const holders = stations.filter(
    ({ addresses, id }) => id !== one.id && addresses.some((own) => own.address === address),
  )
  if (holders.some(({ mac }) => mac === entry.lladdr)) return undefined
  const [holder] = holders
  const namesake = stations.find(({ mac, id }) => mac === entry.lladdr && id !== one.id)
  if (holder === undefined) {
    if (openAt !== undefined || namesake !== undefined || stations.length < 2 || answersForOthers(one, examination))
      return undefined
    return {
      finding: {
        code: 'neighbour-wrong',
        severity: 'warning',
        subject: subjectOf(one.place, one),
        summary: `${called(one)} has a permanent entry for ${address} at ${entry.lladdr}, but nobody on its wire has that address or that MAC.`,
        evidence: [fact(`${address} lladdr ${entry.lladdr} permanent on ${called(one)}`)],
        fix: fixNeighbourStale(one.place, examination.scene.home, one.name, address),
      },
    }
  }
  // Where a wire leads out of sight, somebody there may stand in for the holder (a standby of a pair).
  if (openAt !== undefined && namesake === undefined) return undefined
  return {
    finding: {
      code: 'neighbour-wrong',
      severity: 'error',
      subject: subjectOf(one.place, one),
      summary: `${called(one)} believes that ${address} is ${entry.lladdr}${namesake === undefined ? ', which nobody has' : `, which is ${called(namesake)}`}; ${called(holder)} has it with ${holder.mac}.`,
      evidence: [
        fact(`${address} lladdr ${entry.lladdr} permanent on ${called(one)}`),
        fact(`${called(holder)} has ${address} and MAC ${holder.mac}`),
      ],
      fix: correct(one, entry, address, holder.mac!, examination),
    },
  }
}

/** Whoever was told the wrong one believes it for a while: a tunnel end that answers questions tells it to all behind it. */
function correct(
  one: Interface,
  entry: Neighbour,
  address: string,
  mac: string,
  { scene, segments }: Examination,
): Fix {
  const fix = fixNeighbourMissing(one.place, scene.home, one.name, address, mac)
  const told = segments
    .of(one)
    .stations.filter(
      ({ id, place, index }) =>
        id !== one.id &&
        place.neighbours.some(
          (own) => own.index === index && own.destination === address && own.lladdr === entry.lladdr,
        ),
    )
  const forgotten = told.flatMap(({ place, name }) => fixNeighbourStale(place, scene.home, name, address).commands)
  return { ...fix, commands: [...fix.commands, ...forgotten] }
}

/** Routed container networks give entries for addresses that a host answers for in their stead. */
function answersForOthers(one: Interface, { wideSegments }: Examination): boolean {
  return wideSegments
    .of(one)
    .stations.some(({ place, name }) => place.settings.ofInterface('ipv4', name, 'proxy_arp') === '1')
}

/** That somebody was once asked for who does not exist is nothing; that a gateway does not answer is. */
function judgeFailed(one: Interface, address: string, examination: Examination): Diagnosis | undefined {
  const { place } = one
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  const route = place
    .routes(family)
    .find(
      (candidate) =>
        candidate.type === RouteType.unicast &&
        candidate.gateway === address &&
        candidate.outputInterface === one.index,
    )
  const holder = examination.wideSegments
    .of(one)
    .stations.find(
      (station) =>
        station.up && !examination.broken.has(station) && station.addresses.some((own) => own.address === address),
    )
  // A gateway that nobody is, on a wire that is wholly in sight, is a finding of its own.
  if (holder === undefined && (route === undefined || examination.wideSegments.of(one).openAt === undefined))
    return undefined
  const what = route === undefined ? `${called(holder!)}` : 'its gateway'
  return {
    finding: {
      code: 'neighbour-failed',
      severity: 'warning',
      subject: subjectOf(place, one),
      summary: `${called(one)} got no answer when it asked who has ${address}, which is ${what}.`,
      evidence: [
        fact(`${address} is failed on ${called(one)}`),
        ...(holder === undefined ? [] : [fact(`${called(holder)} has ${address}`)]),
      ],
      fix: holder === undefined ? null : fixNeighbourStale(place, examination.scene.home, one.name, address),
    },
  }
}
