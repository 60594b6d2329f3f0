/** The whole of `netwright-cni`: by the daemon where one runs, with an engine of its own where none does. */

import { askDaemon } from './ask-daemon.ts'
import { CniCode, CniError } from './cni-error.ts'
import { cniSocketPath, engineDirectories } from './directories.ts'
import { type CniAnswer, executeCni } from './execute.ts'
import { CNI_VARIABLES, type CniCall } from './invocation.ts'

/** Carries out a call as the plugin does. */
export async function runCniPlugin(call: CniCall): Promise<CniAnswer> {
  let answered: CniAnswer | undefined
  const own = await executeCni(call, async (configuration, work) => {
    const directories = engineDirectories(configuration, call)
    const ask = async (): Promise<boolean> => {
      answered = await askDaemon(cniSocketPath(directories.run), forDaemon(call))
      return answered !== undefined
    }
    if (await ask()) return undefined
    const done = await available(call, async () => {
      const { withOwnEngine } = await import('./without-daemon.ts')
      return withOwnEngine(directories, ask, work)
    })
    return done?.result
  })
  return answered ?? own
}

/** STATUS has a code of its own for an engine that cannot be had. */
async function available<T>({ environment }: CniCall, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (environment['CNI_COMMAND'] !== 'STATUS') throw error
    throw new CniError(CniCode.unavailable, error instanceof Error ? error.message : String(error))
  }
}

/** The daemon is told no more of the runtime's environment than it needs. */
function forDaemon({ environment, input }: CniCall): CniCall {
  return { environment: Object.fromEntries(CNI_VARIABLES.map((name) => [name, environment[name]])), input }
}

export type { CniAnswer } from './execute.ts'
export type { CniCall } from './invocation.ts'
