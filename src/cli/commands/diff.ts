/** `netwright diff`: what changed on this host. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const diffCommand: CommandSpec = {
  name: 'diff',
  summary: 'Say what changed on this host since a saved map.',
  description:
    'Compares two documents that netwright map --json saved, or one with this host as it is now: namespaces that came, went ' +
    'or were made anew by a restart, interfaces added, removed, renamed or moved to another namespace, states, addresses, ' +
    'links, tunnel ends, networks and their members.\n\n' +
    'Exit code 0: nothing changed. 1: something changed. 3: a file cannot be read or is no such document.',
  arguments: [
    { name: 'BEFORE', summary: 'The earlier map, as JSON.', required: true, completes: 'file' },
    {
      name: 'AFTER',
      summary: 'The later one; this host as it is now when left out.',
      required: false,
      completes: 'file',
    },
  ],
  options: [{ long: '--json', summary: 'Answer with one JSON document.' }],
  examples: [
    { command: 'netwright diff before.json', explains: 'What changed since netwright map --json > before.json.' },
    { command: 'netwright diff before.json after.json', explains: 'What changed between two saved maps.' },
  ],
  load: () => import('./diff/run.ts'),
}
