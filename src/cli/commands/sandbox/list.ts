/** `netwright sandbox list` */
import type { SandboxView } from '../../../daemon/index.ts'
import { ExitCode, type Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { table } from '../../frame/table.ts'
import { type Paint, painter } from '../../frame/terminal.ts'
import { withOperations } from '../engine/with-operations.ts'

/** Digits of an id that are shown. */
const ID_DIGITS = 12

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options } = invocation
  const sandboxes = await withOperations(invocation, (operations) => operations.sandboxes())
  if (options['json'] === true) await answerDocument(terminal, { schema: 'netwright/sandboxes/v1', sandboxes })
  else if (options['quiet'] === true) await terminal.answer(sandboxes.map(({ id }) => `${id}\n`).join(''))
  else await terminal.answer(sandboxTable(sandboxes, painter(terminal)))
  return ExitCode.done
}

function sandboxTable(sandboxes: readonly SandboxView[], paint: Paint): string {
  const rows = sandboxes.map((sandbox) => [
    sandbox.id.slice(0, ID_DIGITS),
    printable(sandbox.containerId, 40),
    sandbox.inode,
    sandbox.endpoints
      .map(({ network, addresses }) => [printable(network.name, 30), ...addresses].join(' '))
      .join(', ') || '-',
  ])
  const titles = ['ID', 'SANDBOX', 'INODE', 'NETWORKS'].map((title) => paint('bold', title))
  return table(rows, { titles })
}
