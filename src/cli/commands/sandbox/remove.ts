/** `netwright sandbox remove SANDBOX…` */
import type { ExitCode, Invocation } from '../../command.ts'
import { texts } from '../engine/key-values.ts'
import { removeEach } from '../engine/remove-each.ts'
import { withProgress } from '../engine/with-operations.ts'

/** Runs the command. */
export function run(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options, arguments: words } = invocation
  return withProgress(invocation, 'removing sandboxes', (operations) =>
    removeEach(terminal, {
      command: 'sandbox remove',
      references: texts(words['SANDBOX']),
      json: options['json'] === true,
      remove: (sandbox) => operations.removeSandbox(sandbox),
    }),
  )
}
