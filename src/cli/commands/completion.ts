/** `netwright completion`: scripts that teach a shell the program's words. */
import type { CommandSpec } from '../command.ts'

/** The command, for a program that is known only when all its commands are. */
export function completionCommand(program: () => CommandSpec): CommandSpec {
  return {
    name: 'completion',
    summary: 'Print a completion script for a shell.',
    description:
      'Prints the script that completes commands, options and targets on the Tab key. Targets are those that are there ' +
      'at that moment.',
    arguments: [
      { name: 'SHELL', summary: 'One of: bash, zsh, fish.', required: true, completes: ['bash', 'zsh', 'fish'] },
    ],
    examples: [
      { command: 'source <(netwright completion bash)', explains: 'For this bash; a line in ~/.bashrc makes it last.' },
      {
        command: 'netwright completion zsh > /usr/local/share/zsh/site-functions/_netwright',
        explains: 'For every zsh.',
      },
      { command: 'netwright completion fish > ~/.config/fish/completions/netwright.fish', explains: 'For every fish.' },
    ],
    load: async () => (await import('./completion/run.ts')).printCompletion(program()),
  }
}
