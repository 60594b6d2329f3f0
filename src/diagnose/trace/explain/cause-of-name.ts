/** A name that could not be resolved because no name server answered: whether the way to it is to blame. */
import type { FindingCode } from '../../catalog/finding-code.ts'
import type { AskedInVain, NamedCause } from '../../question/index.ts'
import type { Explanation } from './explanation.ts'

/** The way is well, but there is no name server at its end: what is wrong is whom the resolver asks. */
const NOBODY_THERE: ReadonlySet<FindingCode> = new Set([
  'port-closed',
  'listener-on-loopback',
  'neighbour-failed',
  'neighbour-missing',
])

/** The cause of a name's failure, when the question to its name server died of `cause`. */
export function nameCause(asked: AskedInVain, { cause, fix }: Pick<Explanation, 'cause' | 'fix'>): NamedCause {
  if (cause === null) return asked
  const why = { fact: `the question to the name server: ${cause.summary}`, source: 'observed' }
  if (NOBODY_THERE.has(cause.code)) {
    return { cause: { ...asked.cause, evidence: [...asked.cause.evidence, why] }, fix: asked.fix }
  }
  const consequence = { fact: asked.cause.summary, source: 'observed' }
  return { cause: { ...cause, evidence: [...cause.evidence, consequence] }, fix }
}
