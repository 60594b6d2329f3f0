/** How a command that failed ends: an exit code, and one line for a person that says what to do. */
import { CannotError, ExitCode, UsageError } from '../command.ts'
import { printable } from './escape.ts'
import { CommandLineError, type CommandPath, commandName } from './parse.ts'

/** The end of a command that failed. */
export interface Outcome {
  readonly code: ExitCode
  /** For standard error: one line, or the stack too when NETWRIGHT_DEBUG is set. */
  readonly message: string
}

/** What an error means for the one who typed the command at the end of `path`. */
export function outcomeOf(
  error: unknown,
  path: CommandPath,
  environment: Readonly<Record<string, string | undefined>>,
): Outcome {
  const debugging = Boolean(environment['NETWRIGHT_DEBUG'])
  const stack = debugging && error instanceof Error ? `\n${error.stack}` : ''
  const place = error instanceof CommandLineError ? error.path : path
  return {
    code: error instanceof UsageError ? ExitCode.usage : ExitCode.cannot,
    message: `${commandName(place)}: ${printable(sentence(error, place, debugging), longest)}${stack}`,
  }
}

const longest = 1000

function sentence(error: unknown, path: CommandPath, debugging: boolean): string {
  if (error instanceof UsageError) return `${withoutStop(error.message)}; see: ${commandName(path)} --help`
  if (error instanceof CannotError) return error.message
  // Errors of the system are called ENOENT, ours TARGET_UNKNOWN or NAME_TAKEN; those of Node's own, which are bugs of ours,
  // ERR_MODULE_NOT_FOUND.
  if (error instanceof Error && 'code' in error && /^(E(?!RR_)|TARGET_|NAME_)/.test(String(error.code))) {
    return `${withoutStop(error.message)}${advice(String(error.code))}`
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return `unexpected failure, ${withoutStop(text)}${debugging ? '' : '; NETWRIGHT_DEBUG=1 shows where'}`
}

/** What to do about an errno that a person can do something about. */
function advice(code: string): string {
  switch (code) {
    case 'EPERM':
    case 'EACCES':
      return process.getuid?.() === 0
        ? '; root lacks a capability here: run it outside of the container, or with CAP_SYS_ADMIN and CAP_NET_ADMIN'
        : '; run it as root'
    case 'EMFILE':
      return '; raise the limit of open files: ulimit -n 65536'
    case 'ENFILE':
      return '; the host has too many open files: raise the sysctl fs.file-max'
    case 'EOPNOTSUPP':
    case 'EPROTONOSUPPORT':
    case 'EAFNOSUPPORT':
      return '; this kernel lacks it: load its module or use a kernel that has it'
    default:
      return ''
  }
}

function withoutStop(message: string): string {
  return message.replace(/[.;\s]+$/, '')
}
