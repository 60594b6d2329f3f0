/** `netwright network prune` */
import { ExitCode, type Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { removedDocument } from '../engine/remove-each.ts'
import { withProgress } from '../engine/with-operations.ts'

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options } = invocation
  const removed = await withProgress(invocation, 'removing networks', (operations) => operations.pruneNetworks())
  const names = removed.map(({ name }) => name)
  if (options['json'] === true) await answerDocument(terminal, removedDocument(names))
  else await terminal.answer(names.map((name) => `${printable(name)}\n`).join(''))
  return ExitCode.done
}
