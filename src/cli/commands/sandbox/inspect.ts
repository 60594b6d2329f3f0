/** `netwright sandbox inspect SANDBOX` */
import type { SandboxView } from '../../../daemon/index.ts'
import { ExitCode, type Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { table } from '../../frame/table.ts'
import { endpointTable, pairLines } from '../engine/endpoint-text.ts'
import { withOperations } from '../engine/with-operations.ts'

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options, arguments: words } = invocation
  const sandbox = await withOperations(invocation, (operations) => operations.sandbox(String(words['SANDBOX'])))
  if (options['json'] === true) await answerDocument(terminal, { schema: 'netwright/sandbox/v1', ...sandbox })
  else await terminal.answer(page(sandbox))
  return ExitCode.done
}

const ORIGINS: Readonly<Record<SandboxView['origin'], string>> = {
  created: 'made for it',
  pid: 'adopted from a process',
  path: 'adopted from a path',
  host: 'the host’s own',
}

function page(sandbox: SandboxView): string {
  const facts: [string, string][] = [
    ['Sandbox', printable(sandbox.containerId)],
    ['Id', sandbox.id],
    ['Namespace', `${printable(sandbox.key)} (inode ${sandbox.inode}), ${ORIGINS[sandbox.origin]}`],
    ['Host name', printable([sandbox.hostname, sandbox.domainname].filter(Boolean).join('.')) || '-'],
    ['Files', printable(sandbox.files)],
    ['Created', sandbox.created],
  ]
  const endpoints = sandbox.endpoints.length === 0 ? '' : `\nEndpoints\n${endpointTable(sandbox.endpoints, 'network')}`
  return table(facts) + pairLines('Labels', sandbox.labels) + endpoints
}
