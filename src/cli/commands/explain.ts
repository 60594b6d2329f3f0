/** `netwright explain`: what a finding means. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const explainCommand: CommandSpec = {
  name: 'explain',
  summary: 'Say what a finding means, how it arises and how it is mended.',
  description:
    'Every finding of doctor, and every cause that trace names, has a code. This tells what a code means, how it comes about, ' +
    'how it is detected and how it is mended. Without a code, all are listed.',
  arguments: [{ name: 'CODE', summary: 'A code, such as mtu-mismatch.', required: false }],
  options: [{ long: '--json', summary: 'Answer with one JSON document.' }],
  examples: [
    { command: 'netwright explain mtu-mismatch', explains: 'What this finding means.' },
    { command: 'netwright explain', explains: 'Every code with its title.' },
  ],
  load: () => import('./explain/run.ts'),
}
