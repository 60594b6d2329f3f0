/** `netwright sandbox create [NAME]` */
import type { Operations, SandboxView } from '../../../daemon/index.ts'
import type { SandboxSpec } from '../../../engine/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { answerDocument } from '../../frame/json.ts'
import { ifGiven, oneText, texts } from '../engine/key-values.ts'
import { readSandboxOptions } from '../engine/read-sandbox-options.ts'
import { withProgress } from '../engine/with-operations.ts'

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options } = invocation
  const spec = readSpec(invocation)
  const networks = texts(options['network'])
  const sandbox = await withProgress(invocation, 'creating the sandbox', (operations, daemon) => {
    if (!daemon) terminal.remark('netwright: no daemon runs, so that nobody answers names in this sandbox')
    return create(operations, spec, networks)
  })
  if (options['json'] === true) await answerDocument(terminal, { schema: 'netwright/sandbox/v1', ...sandbox })
  else await terminal.answer(`${sandbox.id}\n`)
  return ExitCode.done
}

/** The sandbox in its networks; when one of them does not take it, it is not made. */
async function create(operations: Operations, spec: SandboxSpec, networks: readonly string[]): Promise<SandboxView> {
  const { id } = await operations.createSandbox(spec)
  try {
    for (const network of networks) await operations.connect(network, { sandbox: id })
  } catch (error) {
    await operations.removeSandbox(id)
    throw error
  }
  return operations.sandbox(id)
}

function readSpec({ arguments: words, options }: Invocation): SandboxSpec {
  const settings = { ...readSandboxOptions(options), ...ifGiven('containerId', oneText(words['NAME'])) }
  const pid = oneText(options['pid'])
  const path = oneText(options['path'])
  if (pid !== undefined && path !== undefined) throw new UsageError('--pid and --path exclude each other')
  if (pid !== undefined) return { ...settings, pid: readPid(pid) }
  if (path !== undefined) return { ...settings, path }
  const { containerId } = settings
  if (containerId === undefined) throw new UsageError('a name is missing, or --pid or --path')
  return { ...settings, containerId }
}

function readPid(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new UsageError(`--pid ${text} is not the number of a process`)
  return Number(text)
}
