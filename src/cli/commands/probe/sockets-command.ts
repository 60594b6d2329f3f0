/** `netwright probe sockets` */
import type { CommandSpec } from '../../command.ts'
import { json } from './common-options.ts'

/** The command. */
export const socketsCommand: CommandSpec = {
  name: 'sockets',
  summary: 'List who listens and talks in a namespace.',
  description:
    'Lists the TCP, UDP and raw sockets of a namespace with the processes that hold them, as ss would in there: listeners ' +
    'first, then by protocol and port.',
  arguments: [
    { name: 'TARGET', summary: 'The namespace; the host’s when left out.', required: false, completes: 'target' },
  ],
  options: [
    { long: '--tcp', summary: 'TCP only.' },
    { long: '--udp', summary: 'UDP only.' },
    { long: '--listening', short: '-l', summary: 'Only those that wait for others.' },
    { long: '--connected', short: '-c', summary: 'Only those that have a peer.' },
    { long: '--port', short: '-p', value: 'PORT', summary: 'Only those with this port at either end.' },
    { long: '--address', short: '-a', value: 'ADDRESS', summary: 'Only those with this address at either end.' },
    { long: '--process', value: 'NAME', summary: 'Only those of this process: part of its name, or its number.' },
    json,
  ],
  examples: [
    { command: 'netwright probe sockets', explains: 'Everything on the host itself.' },
    { command: 'netwright probe sockets docker:db --listening', explains: 'What listens in a container.' },
  ],
}
