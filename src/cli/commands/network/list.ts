/** `netwright network list` */
import type { NetworkView } from '../../../daemon/index.ts'
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
  const networks = await withOperations(invocation, (operations) => operations.networks())
  if (options['json'] === true) await answerDocument(terminal, { schema: 'netwright/networks/v1', networks })
  else if (options['quiet'] === true) await terminal.answer(networks.map(({ id }) => `${id}\n`).join(''))
  else await terminal.answer(networkTable(networks, painter(terminal)))
  return ExitCode.done
}

function networkTable(networks: readonly NetworkView[], paint: Paint): string {
  const rows = networks.map((network) => [
    network.id.slice(0, ID_DIGITS),
    printable(network.name, 40),
    printable(network.driver, 20),
    network.pools.map(({ pool }) => pool).join(', ') || '-',
    String(network.endpointCount),
    particulars(network).join(', ') || '-',
  ])
  const titles = ['ID', 'NAME', 'DRIVER', 'SUBNETS', 'ENDPOINTS', 'PARTICULARS'].map((title) => paint('bold', title))
  return table(rows, { titles, right: [4] })
}

function particulars({ internal, attachable, configOnly }: NetworkView): string[] {
  return [internal && 'internal', attachable && 'attachable', configOnly && 'template'].filter((word) => word !== false)
}
