/** Holds a table of expectations against this host: one scene for all of them. */
import type { Verdict } from '../path/prediction.ts'
import type { Scene } from '../scene/scene.ts'
import type { Expectation, ExpectedVerdict } from './expectations.ts'
import { type TraceOptions, type TraceQuestion, traceIn } from './trace.ts'

/** What became of one expectation. */
export interface ExpectationResult {
  readonly line: number
  readonly from: string
  readonly to: string
  readonly protocol: Expectation['protocol']
  readonly port: number | null
  readonly expected: ExpectedVerdict
  readonly met: boolean
  /** Null when it could not be traced. */
  readonly verdict: Verdict | null
  readonly cause: string | null
  readonly summary: string | null
  /** Commands that mend it. */
  readonly fix: readonly string[]
  /** Why it could not be traced. */
  readonly problem: string | null
}

/** The document of `netwright trace --all`: schemas/expectations.v1.json. */
export interface ExpectationsDocument {
  readonly schema: 'netwright/expectations/v1'
  readonly met: number
  readonly missed: number
  readonly results: readonly ExpectationResult[]
  readonly milliseconds: number
}

/** Flows that are traced at the same time. */
const AT_ONCE = 4

/** Traces every flow of the table. One that cannot be traced, because its target is not there, is not met. */
export async function checkAll(
  expectations: readonly Expectation[],
  options: TraceOptions,
): Promise<ExpectationsDocument> {
  const started = performance.now()
  const scene = await options.takeScene()
  try {
    const results: ExpectationResult[] = []
    const waiting = [...expectations.entries()]
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [position, expectation] = next
        results[position] = await check(scene, expectation, options)
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    const met = results.filter((result) => result.met).length
    const milliseconds = Math.round(performance.now() - started)
    return { schema: 'netwright/expectations/v1', met, missed: results.length - met, results, milliseconds }
  } finally {
    scene.close()
  }
}

async function check(scene: Scene, expectation: Expectation, options: TraceOptions): Promise<ExpectationResult> {
  const { line, from, to, protocol, port = null, expected } = expectation
  const asked = { line, from, to, protocol, port, expected }
  try {
    const { verdict, cause, fix } = await traceIn(scene, questionOf(expectation), options)
    const met = (verdict === 'delivered') === (expected === 'delivered')
    const reason = { cause: cause?.code ?? null, summary: cause?.summary ?? null, fix: fix?.commands ?? [] }
    return { ...asked, met, verdict, ...reason, problem: null }
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error)
    return { ...asked, met: false, verdict: null, cause: null, summary: null, fix: [], problem }
  }
}

function questionOf({ from, to, protocol, port, family }: Expectation): TraceQuestion {
  return {
    from,
    to,
    protocol,
    ...(port === undefined ? {} : { port }),
    ...(family === undefined ? {} : { family }),
  }
}
