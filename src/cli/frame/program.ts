/** Runs one command line: understand it, load the command's code, run it, end the process with its exit code. */
import { constants } from 'node:os'
import { type CommandSpec, ExitCode, type Invocation, type Terminal } from '../command.ts'
import { version } from '../version.ts'
import { outcomeOf } from './outcome.ts'
import { type CommandPath, parseCommandLine, type Understood } from './parse.ts'
import { processTerminal } from './terminal.ts'

/** What a command line runs in. */
export type Surroundings = Pick<Invocation, 'terminal' | 'environment' | 'signal'>

/** Runs the command line of this process and ends it. Never throws. */
export async function runProcess(program: CommandSpec, words: readonly string[]): Promise<void> {
  const stop = new AbortController()
  const environment = process.env
  const terminal = processTerminal({ environment, abandoned: () => stop.abort() })
  endOnSignals(stop)
  process.exit(await runCommandLine(program, words, { terminal, environment, signal: stop.signal }))
}

/** The first signal asks the command to end tidily, the second ends it at once, with the shell's code for that signal. */
function endOnSignals(stop: AbortController): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(128 + constants.signals[name])
      stop.abort()
    })
  }
}

/** Runs one command line to its exit code; what went wrong is on the terminal's standard error. */
export async function runCommandLine(
  program: CommandSpec,
  words: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  let path: CommandPath = [program]
  try {
    const understood = parseCommandLine(program, words)
    if (understood.kind !== 'version') path = understood.path
    return await follow(understood, surroundings)
  } catch (error) {
    const outcome = outcomeOf(error, path, surroundings.environment)
    surroundings.terminal.remark(outcome.message)
    return outcome.code
  }
}

async function follow(understood: Understood, surroundings: Surroundings): Promise<ExitCode> {
  switch (understood.kind) {
    case 'version':
      await surroundings.terminal.answer(`${version()}\n`)
      return ExitCode.done
    case 'help':
      return showHelp(understood.path, understood.asked, surroundings.terminal)
    case 'run': {
      const command = understood.path[understood.path.length - 1]!
      const code = await command.load!()
      return code.run({ arguments: understood.arguments, options: understood.options, ...surroundings })
    }
  }
}

/** Help that was asked for is the answer; otherwise it is a remark about a command line that is not complete. */
async function showHelp(path: CommandPath, asked: boolean, terminal: Terminal): Promise<ExitCode> {
  const { helpText } = await import('./help.ts')
  const text = helpText(path, terminal.columns)
  if (asked) await terminal.answer(text)
  else terminal.remark(text)
  return asked ? ExitCode.done : ExitCode.usage
}
