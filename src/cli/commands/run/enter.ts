/** `netwright __enter`: the last step of `run`, within the process that becomes the program. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesForHostProgram } from '../../../host/index.ts'
import { execInNamespace, hasCode, KernelError, Namespace, type PrivateFile } from '../../../kernel/index.ts'
import { type ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { oneText, texts } from '../engine/key-values.ts'

/** What shells answer for a program that is not there, and for one that cannot be started (POSIX, sh(1)). */
const NOT_FOUND = 127
const NOT_STARTED = 126

/** Runs the command: it does not return when the program could be started. */
export async function run({ arguments: words, options, terminal, environment }: Invocation): Promise<ExitCode> {
  const [program, ...rest] = texts(words['COMMAND'])
  const path = oneText(options['namespace'])
  const directory = oneText(options['files'])
  if (program === undefined || path === undefined || directory === undefined)
    throw new UsageError('run it by netwright run')
  const hostname = oneText(options['hostname'])
  using namespace = Namespace.open({ path })
  try {
    return execInNamespace({
      namespace,
      argv: [program, ...rest],
      env: environment,
      files: sandboxFiles(directory),
      ...(hostname === undefined || hostname === '' ? {} : { hostname }),
    })
  } catch (error) {
    if (!(error instanceof KernelError) || error.operation !== 'exec') throw error
    const missing = error.code === 'ENOENT'
    const reason = missing ? 'there is no such program on this host' : `it cannot be started (${error.code})`
    terminal.remark(`netwright run: ${printable(program)}: ${reason}`)
    return missing ? NOT_FOUND : NOT_STARTED
  }
}

/** The sandbox's files, where it has them, and an nsswitch.conf that goes by them. */
function sandboxFiles(directory: string): PrivateFile[] {
  const own = ['resolv.conf', 'hosts'].flatMap((name): PrivateFile[] => {
    const content = contentOf(join(directory, name))
    return content === undefined ? [] : [{ path: `/etc/${name}`, content }]
  })
  return own.length === 0 ? [] : filesForHostProgram(own, contentOf('/etc/nsswitch.conf')?.toString('utf8'))
}

function contentOf(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
