/** The kernel would not even send: what its error means (raw(7), ip(7)). */
import type { FindingCode } from '../../catalog/finding-code.ts'
import { causeOfRule } from './cause-of-rule.ts'
import { type Case, causePlace, type FoundCause, observed } from './explanation.ts'

const meanings: Readonly<Record<string, { readonly code: FindingCode; readonly says: string }>> = {
  ENETUNREACH: { code: 'route-missing', says: 'has no route to' },
  EHOSTUNREACH: { code: 'route-blackhole', says: 'has a route that declares unreachable' },
  EACCES: { code: 'route-blackhole', says: 'has a route that prohibits' },
  EINVAL: { code: 'route-blackhole', says: 'has a route that throws away what goes to' },
  EPERM: { code: 'filtered', says: 'has a rule that refuses to send to' },
  EMSGSIZE: { code: 'mtu-mismatch', says: 'has an MTU that is too small for this packet to' },
  EADDRNOTAVAIL: { code: 'address-missing', says: 'does not have the source address to send from to' },
  ENETDOWN: { code: 'interface-down', says: 'has the interface down that leads to' },
}

/** The cause of a send that failed. */
export function causeOfFailure({ scene, flow, observation }: Case): FoundCause {
  const [rule] = observation.rules
  if (rule !== undefined) return causeOfRule(scene, rule)
  const { code, message } = observation.failure ?? { code: '', message: '' }
  const meaning = meanings[code] ?? { code: 'route-missing', says: 'cannot send to' }
  return {
    cause: {
      code: meaning.code,
      where: causePlace(flow.from),
      summary: `${flow.from.label} ${meaning.says} ${flow.destination}.`,
      evidence: [observed(`the kernel said: ${message}`)],
    },
    fix: null,
  }
}
