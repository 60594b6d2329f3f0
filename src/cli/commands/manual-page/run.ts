/** Prints the manual page. */
import { type CommandModule, type CommandSpec, ExitCode, UsageError } from '../../command.ts'
import { manualPage } from '../../frame/manual-page.ts'
import { version } from '../../version.ts'

/** The code of `netwright __manual-page` for a program. */
export function printManualPage(program: CommandSpec): CommandModule {
  return {
    async run({ arguments: { DATE }, terminal }) {
      if (typeof DATE !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(DATE)) throw new UsageError('DATE is like 2026-01-31')
      await terminal.answer(manualPage(program, version(), DATE))
      return ExitCode.done
    },
  }
}
