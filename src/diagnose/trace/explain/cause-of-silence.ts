/** Nothing came back: the cause is looked for where a packet was seen last. */

import type { Sighting } from '../../observe/observation.ts'
import type { GrownCounter } from '../../observe/protocol-changes.ts'
import type { Cause } from '../../path/prediction.ts'
import { fixSettings, settingOf } from '../../remedy/setting-fix.ts'
import type { Place } from '../../scene/place.ts'
import { lastSeenHop, type SeenHop } from '../seen-hops.ts'
import { causeOfRule } from './cause-of-rule.ts'
import { type Case, causePlace, type FoundCause, observed } from './explanation.ts'

/** A cause, and on which way the packet died. */
export interface FoundEnd extends FoundCause {
  readonly direction: 'request' | 'reply'
  /** False: nothing that can be read explains it; it is known only where it happened. */
  readonly explained: boolean
}

/** The cause of a silence. */
export function causeOfSilence(subject: Case): FoundEnd {
  const last = lastSeenHop(subject.hops)
  const next = nextHop(subject.hops, last)
  const direction = next?.hop.direction ?? last?.hop.direction ?? 'request'
  const found = byRule(subject) ?? byNeighbour(subject, last, next) ?? byCounter(subject, last)
  if (found !== undefined) return { ...found, direction, explained: true }
  return { ...unexplained(subject, last, next), direction, explained: false }
}

/** Where it was to be seen next. */
function nextHop(hops: readonly SeenHop[], last: SeenHop | undefined): SeenHop | undefined {
  const after = last === undefined ? hops : hops.slice(hops.indexOf(last) + 1)
  return after.find(({ watchable }) => watchable)
}

function byRule({ scene, observation }: Case): FoundCause | undefined {
  const rule = observation.rules.find(({ by }) => by === 'trace') ?? observation.rules[0]
  return rule && causeOfRule(scene, rule)
}

/** Somebody on the way asks for the next neighbour's address, and nobody says that it is his. */
function byNeighbour(
  { scene, observation }: Case,
  last: SeenHop | undefined,
  next: SeenHop | undefined,
): FoundCause | undefined {
  const askers = new Set([next?.hop.namespace, last?.hop.namespace])
  const asked = observation.sightings.find(
    (one) =>
      one.kind === 'solicitation' &&
      one.passes === 'out' &&
      askers.has(one.namespace) &&
      !isAnswered(one, observation.sightings),
  )
  if (asked?.target === undefined) return undefined
  const place = scene.place(asked.namespace)
  const farthest = observation.sightings.findLast((one) => one.kind === 'solicitation' && one.target === asked.target)
  const seenLast =
    farthest === undefined
      ? []
      : [observed(`the question was seen last ${sightingText(scene.place(farthest.namespace), farthest)}`)]
  const cause: Cause = {
    code: isGateway(place, asked.target) ? 'gateway-unreachable' : 'neighbour-failed',
    where: causePlace(place, { interface: asked.interface }),
    summary: `${place.label} asks for ${asked.target} on ${asked.interface}, and nobody answers.`,
    evidence: [observed(`no answer to the question for ${asked.target} came in by ${asked.interface}`), ...seenLast],
  }
  return { cause, fix: null }
}

function isGateway(place: Place, address: string): boolean {
  return place.routes(address.includes(':') ? 'ipv6' : 'ipv4').some((route) => route.gateway === address)
}

function isAnswered({ namespace, target }: Sighting, sightings: readonly Sighting[]): boolean {
  return sightings.some(
    (one) =>
      one.kind === 'advertisement' && one.target === target && one.namespace === namespace && one.passes === 'in',
  )
}

function sightingText(place: Place, { passes, interface: name }: Pick<Sighting, 'passes' | 'interface'>): string {
  return passes === 'in' ? `coming in by ${name} of ${place.label}` : `going out of ${name} of ${place.label}`
}

/**
 * The kernel counts what it drops by itself, with the reason. Others' packets count too, so only the namespace is asked into
 * which the packet was seen coming, and no further.
 */
function byCounter(subject: Case, last: SeenHop | undefined): FoundCause | undefined {
  if (last !== undefined && last.hop.passes !== 'in') return undefined
  const inode = last?.hop.namespace ?? subject.flow.from.inode
  for (const counter of subject.observation.counters) {
    const found = counter.namespace === inode ? meaningOfCounter(subject, counter, last) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

function meaningOfCounter(
  { scene, flow }: Case,
  counter: GrownCounter,
  last: SeenHop | undefined,
): FoundCause | undefined {
  const place = scene.place(counter.namespace)
  const evidence = [{ fact: `${counter.name} of ${place.label} grew by ${counter.by}`, source: 'procfs' }]
  const input = last?.hop.namespace === place.inode ? (last.hop.interface ?? undefined) : undefined
  const cause = (code: Cause['code'], summary: string): Cause => ({
    code,
    where: causePlace(place, input === undefined ? {} : { interface: input }),
    summary,
    evidence,
  })
  switch (counter.name) {
    case 'TcpExt.IPReversePathFilter': {
      const keys = ['all', ...(input === undefined ? [] : [input])]
      const settings = keys.map((name) => [settingOf('ipv4', name, 'rp_filter'), '2'] as const)
      return {
        cause: cause(
          'reverse-path-filter',
          `${place.label} drops the packet: its reverse path filter finds that it came in by the wrong interface.`,
        ),
        fix: fixSettings(place, scene.home, settings, false),
      }
    }
    case 'Ip.InAddrErrors':
    case 'Ip6InAddrErrors': {
      const key = flow.family === 'ipv4' ? 'net.ipv4.ip_forward' : 'net.ipv6.conf.all.forwarding'
      if (place.settings.get(key) !== '0') return undefined
      return {
        cause: cause('forwarding-disabled', `${place.label} does not forward packets: ${key} is 0.`),
        fix: fixSettings(place, scene.home, [[key, '1']]),
      }
    }
    case 'IpExt.InNoRoutes':
    case 'Ip6InNoRoutes':
    case 'Ip.OutNoRoutes':
    case 'Ip6OutNoRoutes':
      return { cause: cause('route-missing', `${place.label} has no route for the packet.`), fix: null }
    case 'Ip.FragFails':
    case 'Ip6FragFails':
    case 'Ip6InTooBigErrors':
      return {
        cause: cause('mtu-mismatch', `${place.label} cannot pass the packet on: it is too big for the next link.`),
        fix: null,
      }
    case 'conntrack.drop':
    case 'conntrack.insert_failed':
      return { cause: cause('conntrack-full', `Connection tracking of ${place.label} drops the packet.`), fix: null }
    default:
      return undefined
  }
}

/** What drops a packet there is not in any table that can be read. */
function unexplained({ scene, flow }: Case, last: SeenHop | undefined, next: SeenHop | undefined): FoundCause {
  if (last === undefined) {
    const where = causePlace(flow.from, next?.hop.interface == null ? {} : { interface: next.hop.interface })
    const summary = `The packet never left ${flow.from.label}: it was sent, and was not seen at any interface.`
    return {
      cause: { code: 'filtered', where, summary, evidence: [observed('no packet was seen at any interface')] },
      fix: null,
    }
  }
  const place = scene.place(last.hop.namespace)
  const seen = observed(`the packet was seen last ${hopText(last)}`)
  const where = causePlace(place, last.hop.interface === null ? {} : { interface: last.hop.interface })
  const missing = next === undefined ? [] : [observed(`it was not seen ${hopText(next)}`)]
  const summary =
    next === undefined || (next.hop.direction === 'reply' && last.hop.direction === 'request')
      ? `The packet comes in by ${last.hop.interface} of ${last.hop.label}, which does not answer.`
      : `The packet was seen ${hopText(last)}, and does not come further: something takes it that is in no rule set (a traffic control filter, an eBPF program, a full queue).`
  return { cause: { code: 'filtered', where, summary, evidence: [seen, ...missing] }, fix: null }
}

function hopText({ hop }: SeenHop): string {
  return hop.passes === 'in'
    ? `coming in by ${hop.interface} of ${hop.label}`
    : `going out of ${hop.interface} of ${hop.label}`
}
