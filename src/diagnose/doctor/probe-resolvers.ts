/** Asks resolvers whether they answer: the one thing that doctor sends, and only when it is told to. */
import type { Finding } from '../finding.ts'
import type { Place } from '../scene/place.ts'
import { resolversOf } from './checks/resolvers.ts'
import type { Examination } from './examination.ts'
import { fact, listed, subjectOf } from './words.ts'

/** To wait for an answer, in milliseconds: programs wait longer, but nobody is content with that. */
const PATIENCE = 1000
/** Questions under way at a time. */
const AT_ONCE = 64

interface Asked {
  readonly place: Place
  readonly server: string
  readonly failure: string | null
}

/** `dns-unreachable` of resolvers that do not answer. @param known findings there are already, which are not repeated */
export async function probeResolvers(examination: Examination, known: readonly Finding[]): Promise<Finding[]> {
  // Probes are a large part of the program, and most examinations send nothing.
  const { exchange, RECORD_TYPES } = await import('../../probe/index.ts')
  const reported = new Set(known.filter(({ code }) => code.startsWith('dns-')).map(({ subject }) => subject.namespace))
  const questions = examination.scene
    .places()
    .filter(({ inode }) => !reported.has(inode))
    .flatMap((place) => (resolversOf(place, examination)?.servers ?? []).map((server) => ({ place, server })))
  const asked: Asked[] = []
  for (let at = 0; at < questions.length; at += AT_ONCE) {
    const answers = questions.slice(at, at + AT_ONCE).map(async ({ place, server }): Promise<Asked> => {
      // The name servers of the root: every resolver has an answer to that, if only that it refuses.
      const question = { name: '.', type: RECORD_TYPES.NS, namespace: place.namespace, server, milliseconds: PATIENCE }
      const { outcome, reason } = await exchange(question)
      const answered = outcome === 'answered' || outcome === 'malformed'
      return { place, server, failure: answered ? null : (reason ?? outcome) }
    })
    asked.push(...(await Promise.all(answers)))
  }
  return [...new Set(asked.map(({ place }) => place))].flatMap((place) =>
    judge(
      place,
      asked.filter((one) => one.place === place),
    ),
  )
}

function judge(place: Place, asked: readonly Asked[]): Finding[] {
  const silent = asked.filter(({ failure }) => failure !== null)
  if (silent.length === 0) return []
  const all = silent.length === asked.length
  return [
    {
      code: 'dns-unreachable',
      severity: all ? 'error' : 'warning',
      subject: subjectOf(place),
      summary: `${place.label} asks ${listed(silent.map(({ server }) => server))} for names, and got no answer within a second${all ? '' : '; each look-up waits before it asks the next'}.`,
      evidence: silent.map(({ server, failure }) =>
        fact(`a question from ${place.label} to ${server} port 53: ${failure}`, 'observed'),
      ),
      fix: null,
    },
  ]
}
