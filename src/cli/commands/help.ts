/** `netwright help`: the same text as `--help`, for those who ask this way. */
import type { CommandSpec } from '../command.ts'

/** The command, for a program that is known only when all its commands are. */
export function helpCommand(program: () => CommandSpec): CommandSpec {
  return {
    name: 'help',
    summary: 'Explain a command.',
    description: 'Shows how a command is used, as its option --help does.',
    arguments: [
      { name: 'COMMAND', summary: 'The command, with its subcommand if it has one.', required: false, variadic: true },
    ],
    examples: [
      { command: 'netwright help map', explains: 'How to use the command map.' },
      { command: 'netwright help ns attach', explains: 'How to use a subcommand.' },
    ],
    load: async () => (await import('./help/run.ts')).explain(program()),
  }
}
