/** `netwright probe udp` */
import type { CommandSpec } from '../../command.ts'
import { families, from, json, to } from './common-options.ts'

/** The command. */
export const udpCommand: CommandSpec = {
  name: 'udp',
  summary: 'Send a datagram to a port from a namespace.',
  description:
    'Sends a datagram from the namespace of FROM and says whether it was answered, refused with an ICMP port unreachable, ' +
    'objected to by somebody on the way, or met with silence. Silence says little: a server need not answer what it does ' +
    'not understand, so give a payload that it does. Exit code 1: refused or unreachable; silence is 1 too.',
  arguments: [from, to, { name: 'PORT', summary: 'The port.', required: true }],
  options: [
    { long: '--payload', short: '-p', value: 'TEXT', summary: 'What to send, nothing when left out.' },
    { long: '--hex', value: 'BYTES', summary: 'What to send, as hexadecimal digits.' },
    { long: '--timeout', short: '-W', value: 'TIME', summary: 'Time for an answer, 2s when left out.' },
    { long: '--attempts', value: 'N', summary: 'Datagrams sent in that time, 2 when left out.' },
    ...families,
    json,
  ],
  examples: [
    { command: 'netwright probe udp docker:web 10.0.0.53 53', explains: 'Whether a port unreachable comes back.' },
  ],
}
