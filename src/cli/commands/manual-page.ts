/** `netwright __manual-page`: the source of netwright(1), for the build. */
import type { CommandSpec } from '../command.ts'

/** The command, for a program that is known only when all its commands are. */
export function manualPageCommand(program: () => CommandSpec): CommandSpec {
  return {
    name: '__manual-page',
    hidden: true,
    summary: 'Print the source of the manual page.',
    arguments: [{ name: 'DATE', summary: 'Day of the release: 2026-01-31.', required: true }],
    examples: [{ command: 'netwright __manual-page 2026-01-31', explains: 'The page as of that day.' }],
    load: async () => (await import('./manual-page/run.ts')).printManualPage(program()),
  }
}
