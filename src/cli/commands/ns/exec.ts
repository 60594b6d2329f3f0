/** `netwright ns exec TARGET [--mount] -- COMMAND…` */
import { readFileSync } from 'node:fs'
import {
  filesForHostProgram,
  openTarget,
  type ResolvedTarget,
  readResolverFiles,
  takeGraph,
} from '../../../host/index.ts'
import { execInNamespace, hasCode, KernelError, type PrivateFile } from '../../../kernel/index.ts'
import { CannotError, type ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { namedTarget } from './named-target.ts'

/** What shells answer for a program that is not there, and for one that cannot be started (POSIX, sh(1)). */
const NOT_FOUND = 127
const NOT_STARTED = 126

/** Runs the command: it does not return when the program could be started. */
export async function run({ arguments: given, options, terminal, environment }: Invocation): Promise<ExitCode> {
  const [program, ...rest] = Array.isArray(given['COMMAND']) ? given['COMMAND'] : []
  if (program === undefined) throw new UsageError('the program to run is missing')
  const target = namedTarget(given['TARGET'], await takeGraph({ environment }), terminal)
  const files = options['mount'] === true ? privateFiles(target) : undefined
  using namespace = openTarget(target)
  try {
    return execInNamespace({
      namespace,
      argv: [program, ...rest],
      env: environment,
      ...(files === undefined ? {} : { files }),
    })
  } catch (error) {
    if (!(error instanceof KernelError) || error.operation !== 'exec') throw error
    const missing = error.code === 'ENOENT'
    const reason = missing ? 'there is no such program on this host' : `it cannot be started (${error.code})`
    terminal.remark(`netwright ns exec: ${printable(program)}: ${reason}`)
    return missing ? NOT_FOUND : NOT_STARTED
  }
}

function privateFiles(target: ResolvedTarget): PrivateFile[] {
  const found = readResolverFiles(target.node)
  if (found === undefined) {
    throw new CannotError(
      `${target.label} has no resolv.conf and hosts to take along: no process lives there that may be looked at, and ` +
        '/etc/netns has none for its name; leave --mount out',
    )
  }
  return filesForHostProgram(found.files, hostNameServiceSwitch())
}

function hostNameServiceSwitch(): string | undefined {
  try {
    return readFileSync('/etc/nsswitch.conf', 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
