/** An answer came, but not from the namespace that was meant: somebody else has its address. */
import type { Place } from '../../scene/place.ts'
import { type Case, causePlace, type FoundCause, observed } from './explanation.ts'

/** True when packets were answered, and none of them came into the namespace that was meant. */
export function isAnsweredElsewhere({ flow, observation }: Case): boolean {
  const { from, to } = flow
  if (to === undefined || to.inode === from.inode || !observation.watched.includes(to.inode)) return false
  const requests = observation.sightings.filter(({ kind }) => kind === 'request')
  return requests.length > 0 && !requests.some(({ namespace, passes }) => namespace === to.inode && passes === 'in')
}

/** The one who answers instead; undefined when no namespace of this host has the address. */
export function causeOfElsewhere({ scene, flow, observation }: Case): FoundCause | undefined {
  const { to, destination } = flow
  const has = (place: Place): boolean =>
    place.addresses.some(({ local, address }) => local === destination || address === destination)
  const other = scene.places().find((place) => place.inode !== to?.inode && has(place))
  if (to === undefined || other === undefined) return undefined
  const answer = observation.answer?.from ?? destination
  return {
    cause: {
      code: 'address-duplicate',
      where: causePlace(other),
      summary: `${other.label} has the address ${destination} too, and answers instead of ${to.label}.`,
      evidence: [
        { fact: `${other.label} has ${destination}`, source: 'rtnetlink' },
        observed(`an answer came from ${answer}, while no packet came in at ${to.label}`),
      ],
    },
    fix: null,
  }
}
