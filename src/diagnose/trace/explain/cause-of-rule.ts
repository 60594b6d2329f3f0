/** A rule took the packet: the kernel's trace, or a counter, says which. */
import type { DecidingRule } from '../../observe/observation.ts'
import { fixOfRule } from '../../remedy/rule-fix.ts'
import type { Scene } from '../../scene/scene.ts'
import { causePlace, type FoundCause } from './explanation.ts'

const verbs = { drop: 'drops', reject: 'rejects', taken: 'hands to a program' } as const

/** The rule as a cause. */
export function causeOfRule(scene: Scene, { namespace, rule, verdict, by }: DecidingRule): FoundCause {
  const place = scene.place(namespace)
  const where = `chain ${rule.chain} of table ${rule.family} ${rule.table} in ${place.label}`
  const summary =
    rule.position === null && rule.handle === null
      ? `The policy of ${where} ${verbs[verdict]} the packet.`
      : `A rule in ${where} ${verbs[verdict]} the packet: ${rule.text}`
  const fact =
    by === 'trace'
      ? `the kernel's trace of the packet ends in ${where}`
      : `the counter of this rule grew with the packets that were sent`
  return {
    cause: {
      code: 'filtered',
      where: causePlace(place, { rule }),
      summary,
      evidence: [
        { fact: rule.text === '' ? where : `${where}: ${rule.text}`, source: rule.backend },
        { fact, source: 'observed' },
      ],
    },
    fix: fixOfRule(place, scene.home, rule),
  }
}
