/** The verbs that need the engine. They are loaded when there is none to ask: that takes longer than to ask a daemon. */
import { add } from './add.ts'
import { check } from './check.ts'
import type { CniContext } from './cni-context.ts'
import type { CniConfiguration } from './configuration.ts'
import { type CniCall, type CniVerb, subjectOf } from './invocation.ts'
import { collectGarbage, remove } from './remove.ts'

/**
 * Carries out a verb.
 * @returns the result of an ADD; the other verbs have none
 * @throws CniError, EngineError
 */
export async function perform(
  verb: Exclude<CniVerb, 'VERSION'>,
  context: CniContext,
  call: CniCall,
  configuration: CniConfiguration,
): Promise<Record<string, unknown> | undefined> {
  switch (verb) {
    case 'ADD':
      return add(context, subjectOf(call, verb), configuration)
    case 'DEL':
      await remove(context, subjectOf(call, verb), configuration)
      break
    case 'CHECK':
      await check(context, subjectOf(call, verb), configuration)
      break
    case 'GC':
      await collectGarbage(context, configuration)
      break
    case 'STATUS':
      // That the engine could be opened is the answer.
      break
  }
  return undefined
}
