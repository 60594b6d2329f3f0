/** Something answered no: a reset, or an ICMP error. Who it was, and why. */
import type { FindingCode } from '../../catalog/finding-code.ts'
import type { SeenError } from '../../observe/recognise.ts'
import type { Place } from '../../scene/place.ts'
import type { Scene } from '../../scene/scene.ts'
import { causeOfLeaving } from './cause-of-leaving.ts'
import { causeOfRule } from './cause-of-rule.ts'
import { type Case, causePlace, type FoundCause, observed } from './explanation.ts'

/** What an ICMP error means, and what it comes from. */
export interface ErrorMeaning {
  readonly code: FindingCode
  /** `says that the port is closed` */
  readonly says: string
}

/** RFC 792, RFC 1812, RFC 4443: meanings of unreachable messages by their code. */
const UNREACHABLE_V4: Readonly<Record<number, ErrorMeaning>> = {
  0: { code: 'route-missing', says: 'has no route there' },
  1: { code: 'neighbour-failed', says: 'cannot reach the host: nobody answers for its address' },
  2: { code: 'port-closed', says: 'does not speak the protocol' },
  3: { code: 'port-closed', says: 'says that nothing listens at the port' },
  4: { code: 'mtu-mismatch', says: 'would have to fragment the packet, which forbids it' },
  6: { code: 'route-missing', says: 'does not know the network' },
  7: { code: 'route-missing', says: 'does not know the host' },
  9: { code: 'filtered', says: 'says that the network is prohibited' },
  10: { code: 'filtered', says: 'says that the host is prohibited' },
  13: { code: 'filtered', says: 'says that a filter prohibits it' },
}
const UNREACHABLE_V6: Readonly<Record<number, ErrorMeaning>> = {
  0: { code: 'route-missing', says: 'has no route there' },
  1: { code: 'filtered', says: 'says that it is prohibited' },
  3: { code: 'neighbour-failed', says: 'cannot reach the address: nobody answers for it' },
  4: { code: 'port-closed', says: 'says that nothing listens at the port' },
  5: { code: 'filtered', says: 'says that the source address is not allowed' },
  6: { code: 'route-blackhole', says: 'has a route that rejects it' },
}
const UNKNOWN: ErrorMeaning = { code: 'filtered', says: 'answers with an error' }
const LOOP: ErrorMeaning = {
  code: 'route-missing',
  says: 'gave up: the packet passed too many routers, which is a loop',
}

/** What an error says. */
export function meaningOfError({ from, type, code }: SeenError): ErrorMeaning {
  if (from.includes(':')) {
    if (type === 2) return { code: 'mtu-mismatch', says: 'finds the packet too big' }
    if (type === 3) return LOOP
    return type === 1 ? (UNREACHABLE_V6[code] ?? UNKNOWN) : UNKNOWN
  }
  if (type === 11) return LOOP
  return type === 3 ? (UNREACHABLE_V4[code] ?? UNKNOWN) : UNKNOWN
}

const REJECTED: ErrorMeaning = { code: 'filtered', says: 'rejects the packet' }

/**
 * "Port unreachable" from somebody near by who does not have the port, or about an echo, is what rejecting rules say. What is
 * outside of this host may have other reasons.
 */
export function isRejection(subject: Case, { from, type, code }: SeenError): boolean {
  const { flow } = subject
  const isPort = from.includes(':') ? type === 1 && code === 4 : type === 3 && code === 3
  return isPort && (flow.protocol === 'icmp' || from !== flow.destination) && whoAnswered(subject) !== undefined
}

/** The cause of a refusal that was not foreseen. */
export function causeOfRefusal(subject: Case): FoundCause {
  const { scene, observation, flow } = subject
  const [rule] = observation.rules
  if (rule !== undefined) return causeOfRule(scene, rule)
  const { answer } = observation
  const place = whoAnswered(subject)
  const astray = place === undefined ? causeOfLeaving(subject) : undefined
  if (astray !== undefined) return astray
  const from = answer?.from ?? flow.destination
  const who = place === undefined ? from : `${place.label} (${from})`
  const where = causePlace(place ?? flow.from)
  if (answer?.error === undefined) {
    const summary = `${who} resets the connection: nothing listens at port ${flow.port ?? 0}.`
    return {
      cause: { code: 'port-closed', where, summary, evidence: [observed(`a TCP reset came from ${from}`)] },
      fix: null,
    }
  }
  const { code, says } = isRejection(subject, answer.error) ? REJECTED : meaningOfError(answer.error)
  const mtu = answer.error.mtu === undefined ? '' : ` (next MTU ${answer.error.mtu})`
  const { type, code: number } = answer.error
  const evidence = [observed(`an ICMP error of type ${type}, code ${number}${mtu} came from ${from}`)]
  return { cause: { code, where, summary: `${who} ${says}${mtu}.`, evidence }, fix: null }
}

/** The namespace that made the answer: where it was first seen going out, or that has its address. */
function whoAnswered({ scene, observation, flow }: Case): Place | undefined {
  const kinds = observation.answer?.kind === 'error' ? ['error'] : ['reset']
  const first = observation.sightings.find(({ kind, passes }) => kinds.includes(kind) && passes === 'out')
  if (first !== undefined) return scene.place(first.namespace)
  return ownerOf(scene, flow.from, observation.answer?.from)
}

function ownerOf(scene: Scene, from: Place, address: string | undefined): Place | undefined {
  const has = (place: Place): boolean => place.addresses.some((one) => one.local === address || one.address === address)
  return address === undefined ? undefined : has(from) ? from : scene.places().find(has)
}
