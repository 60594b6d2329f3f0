/** Carrying out a CNI call, from what comes in to what is printed. */
import type { CniContext } from './cni-context.ts'
import { asCniError, CniCode, CniError, errorDocument } from './cni-error.ts'
import { type CniConfiguration, readConfiguration } from './configuration.ts'
import { type CniCall, type CniVerb, subjectOf, verbOf } from './invocation.ts'
import { JsonFields } from './json-fields.ts'
import { atLeast, CNI_VERSIONS, type CniVersion, NEWEST_VERSION } from './version.ts'

/** What a plugin prints and ends with. */
export interface CniAnswer {
  /** The document for standard output; undefined when there is nothing to say. */
  readonly output: Readonly<Record<string, unknown>> | undefined
  readonly exitCode: 0 | 1
}

/** Runs `work` with the engine. */
export type WithContext = (
  configuration: CniConfiguration,
  work: (context: CniContext) => Promise<CniAnswer['output']>,
) => Promise<CniAnswer['output']>

/** Since when there are verbs that there were not always. */
const SINCE: Partial<Record<CniVerb, CniVersion>> = { CHECK: '0.4.0', GC: '1.1.0', STATUS: '1.1.0' }

/** Carries out a call. Nothing is thrown: what goes wrong is an answer too. */
export async function executeCni(call: CniCall, withContext: WithContext): Promise<CniAnswer> {
  try {
    return { output: await carryOut(call, withContext), exitCode: 0 }
  } catch (error) {
    return { output: errorDocument(asCniError(error), versionOfInput(call.input)), exitCode: 1 }
  }
}

async function carryOut(call: CniCall, withContext: WithContext): Promise<CniAnswer['output']> {
  const verb = verbOf(call)
  if (verb === 'VERSION') return { cniVersion: versionOfInput(call.input), supportedVersions: [...CNI_VERSIONS] }
  const configuration = readConfiguration(call.input)
  const since = SINCE[verb]
  if (since !== undefined && !atLeast(configuration.cniVersion, since)) {
    throw new CniError(
      CniCode.incompatibleVersion,
      `${verb} is not in CNI ${configuration.cniVersion}: it came with ${since}`,
    )
  }
  // What is wrong with a call is told before an engine is asked for.
  if (verb !== 'STATUS' && verb !== 'GC') subjectOf(call, verb)
  return withContext(configuration, async (context) => {
    const { perform } = await import('./verbs.ts')
    return perform(verb, context, call, configuration)
  })
}

/** The version that the caller speaks, also when we do not, so that it can read the answer. */
function versionOfInput(input: string): string {
  try {
    return JsonFields.parse(input, '').text('cniVersion')?.slice(0, 40) ?? NEWEST_VERSION
  } catch {
    return NEWEST_VERSION
  }
}
