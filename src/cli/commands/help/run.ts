/** Explains the command that was named. */
import { type CommandModule, type CommandSpec, ExitCode } from '../../command.ts'
import { helpText } from '../../frame/help.ts'
import { parseCommandLine } from '../../frame/parse.ts'

/** The code of `netwright help` for a program. */
export function explain(program: CommandSpec): CommandModule {
  return {
    async run({ arguments: { COMMAND }, terminal }) {
      const words = Array.isArray(COMMAND) ? COMMAND : []
      // `--help` in front is understood at every level, and makes a complaint about an unknown command the same as elsewhere.
      const understood = parseCommandLine(program, ['--help', ...words])
      if (understood.kind === 'help') await terminal.answer(helpText(understood.path, terminal.columns))
      return ExitCode.done
    },
  }
}
