/** `netwright run --network NETWORK -- COMMAND…` */
import { randomBytes } from 'node:crypto'
import { goesWithProcess, type Operations, type SandboxView } from '../../../daemon/index.ts'
import type { ExitCode, Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { readEndpointOptions } from '../engine/endpoint-options.ts'
import { oneText, texts } from '../engine/key-values.ts'
import { readSandboxOptions } from '../engine/read-sandbox-options.ts'
import { isRefusal, withOperations } from '../engine/with-operations.ts'
import { endAs, runChild } from './child.ts'

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const end = await withOperations(invocation, async (operations) => {
    const sandbox = await makeSandbox(invocation, operations)
    try {
      return await runChild(enterWords(sandbox, texts(invocation.arguments['COMMAND'])), invocation.signal)
    } finally {
      await letGo(invocation, operations, sandbox)
    }
  })
  return endAs(end)
}

/** The sandbox, in its networks; when one does not take it, nothing is left of it. */
async function makeSandbox({ options }: Invocation, operations: Operations): Promise<SandboxView> {
  const name = oneText(options['name']) ?? randomBytes(6).toString('hex')
  const settings = readSandboxOptions(options)
  const endpoint = readEndpointOptions(options)
  const labels = options['keep'] === true ? {} : await goesWithProcess(process.pid)
  const { id } = await operations.createSandbox({
    hostname: name,
    ...settings,
    labels: { ...settings.labels, ...labels },
    containerId: name,
  })
  try {
    for (const network of texts(options['network'])) await operations.connect(network, { ...endpoint, sandbox: id })
    return await operations.sandbox(id)
  } catch (error) {
    await operations.removeSandbox(id)
    throw error
  }
}

function enterWords({ key, files, hostname }: SandboxView, command: readonly string[]): string[] {
  return ['__enter', '--namespace', key, '--files', files, `--hostname=${hostname}`, '--', ...command]
}

/** The program's end is what counts: a sandbox that cannot be removed is told about, no more. */
async function letGo({ options, terminal }: Invocation, operations: Operations, sandbox: SandboxView): Promise<void> {
  if (options['keep'] === true) {
    terminal.remark(`netwright run: kept the sandbox ${printable(sandbox.containerId)}`)
    return
  }
  try {
    await operations.removeSandbox(sandbox.id)
  } catch (error) {
    if (isRefusal(error) && error.code === 'sandbox-unknown') return
    const reason = error instanceof Error ? error.message : String(error)
    terminal.remark(`netwright run: the sandbox could not be removed: ${printable(reason, 500)}`)
  }
}
