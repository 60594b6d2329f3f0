/** A packet for a namespace of this host leaves the host: whoever sends it out has no route to that namespace. */
import { type Case, causePlace, type FoundCause, observed } from './explanation.ts'

/** The cause; undefined where the packet stays, or where nobody said which namespace it is for. */
export function causeOfLeaving({ scene, flow, prediction }: Case): FoundCause | undefined {
  const { leaves } = prediction
  if (leaves === null || flow.to === undefined) return undefined
  const place = scene.place(leaves.namespace)
  const summary = `${place.label} has no route of its own to ${flow.destination} in ${flow.to.label}: packets for it leave this host by ${leaves.interface}.`
  const evidence = [
    { fact: `${place.label} sends to ${flow.destination} through ${leaves.nextHop}`, source: 'rtnetlink' },
    { fact: `${flow.to.label} has ${flow.destination}`, source: 'rtnetlink' },
    observed(`no packet for ${flow.destination} came in at ${flow.to.label}`),
  ]
  const where = causePlace(place, { interface: leaves.interface })
  return { cause: { code: 'route-missing', where, summary, evidence }, fix: null }
}
