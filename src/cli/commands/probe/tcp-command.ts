/** `netwright probe tcp` */
import type { CommandSpec } from '../../command.ts'
import { families, from, json, to } from './common-options.ts'

/** The command. */
export const tcpCommand: CommandSpec = {
  name: 'tcp',
  summary: 'Connect to a port from a namespace.',
  description:
    'Connects over TCP from the namespace of FROM, and says whether that was accepted, refused, objected to (and by whom) or ' +
    'met with silence, and how long it took. The connection is ended at once. Exit code 1: there was no connection.',
  arguments: [from, to, { name: 'PORT', summary: 'The port.', required: true }],
  options: [
    { long: '--timeout', short: '-W', value: 'TIME', summary: 'Time for the connection, 3s when left out.' },
    { long: '--banner', summary: 'Wait up to a second for what the server says first.' },
    ...families,
    json,
  ],
  examples: [
    {
      command: 'netwright probe tcp docker:web docker:db 5432',
      explains: 'Whether one container reaches the other’s port.',
    },
    { command: 'netwright probe tcp host 10.0.0.7 22 --banner', explains: 'What listens there says who it is.' },
  ],
}
