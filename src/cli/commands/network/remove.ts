/** `netwright network remove NETWORK…` */
import type { ExitCode, Invocation } from '../../command.ts'
import { texts } from '../engine/key-values.ts'
import { removeEach } from '../engine/remove-each.ts'
import { withProgress } from '../engine/with-operations.ts'

/** Runs the command. */
export function run(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options, arguments: words } = invocation
  const force = options['force'] === true
  return withProgress(invocation, 'removing networks', (operations) =>
    removeEach(terminal, {
      command: 'network remove',
      references: texts(words['NETWORK']),
      json: options['json'] === true,
      remove: (network) => operations.removeNetwork(network, { force }),
    }),
  )
}
