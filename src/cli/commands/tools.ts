/** `netwright tools`: the tools that people know, and what does the same here. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const toolsCommand: CommandSpec = {
  name: 'tools',
  summary: 'Tell which network tools are here, and what does the same.',
  description:
    'Looks for well-known network tools in PATH, runs none of them, and tells for each what of Netwright answers the same ' +
    'question without it. With NAME it tells all about that tool: where it is, which package has it, and the line that runs ' +
    'it in the network of a container which does not have it.\n\n' +
    'Exit code 1: a tool that was named is not on this host.',
  arguments: [{ name: 'NAME', summary: 'Only these tools.', required: false, variadic: true }],
  options: [
    { long: '--missing', summary: 'Only those that this host lacks.' },
    { long: '--installed', summary: 'Only those that it has.' },
    { long: '--target', value: 'TARGET', summary: 'Write the lines for this namespace.', completes: 'target' },
    { long: '--json', summary: 'Answer with one JSON document.' },
  ],
  examples: [
    { command: 'netwright tools', explains: 'All of them.' },
    {
      command: 'netwright tools ip ss --target docker:web',
      explains: 'How to run these in a container’s network.',
    },
  ],
  load: () => import('./tools/run.ts'),
}
