/** `netwright network disconnect NETWORK SANDBOX` */
import { ExitCode, type Invocation } from '../../command.ts'
import { withProgress } from '../engine/with-operations.ts'

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { NETWORK, SANDBOX } = invocation.arguments
  await withProgress(invocation, 'disconnecting', (operations) =>
    operations.disconnect(String(NETWORK), String(SANDBOX)),
  )
  return ExitCode.done
}
