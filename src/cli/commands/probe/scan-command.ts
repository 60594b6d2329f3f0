/** `netwright probe scan` */
import type { CommandSpec } from '../../command.ts'
import { families, from, json } from './common-options.ts'

/** The command. */
export const scanCommand: CommandSpec = {
  name: 'scan',
  summary: 'Scan the ports of an address, or sweep a range.',
  description:
    'With one address, name or target: which TCP ports are open, closed (refused) or filtered (no answer, or somebody on the ' +
    'way objects, who is named). SYNs are sent and no connection is finished; with --connect each is made as a program would.\n\n' +
    'With a range (10.0.0.0/24, 10.0.0.1-20): which addresses are in use, by ARP on the links of FROM and by echo requests and ' +
    'SYNs beyond; two hardware addresses for one address are told. With --ports the ports of each are scanned as well. ' +
    'Only scan what is yours.',
  arguments: [
    from,
    { name: 'WHAT', summary: 'An address, a name, a target, or a range.', required: true, completes: 'target' },
  ],
  options: [
    { long: '--ports', short: '-p', value: 'LIST', summary: 'Ports, as 22,80,8000-8100; 1-1024 when left out.' },
    { long: '--connect', summary: 'Make each connection, as a program would.' },
    { long: '--all', short: '-a', summary: 'List closed and filtered ports one by one, too.' },
    { long: '--timeout', short: '-W', value: 'TIME', summary: 'Time for an answer, 1s when left out.' },
    { long: '--rate', value: 'N', summary: 'Packets a second at most, 100000 when left out.' },
    ...families,
    json,
  ],
  examples: [
    {
      command: 'netwright probe scan host docker:web --ports 1-1000',
      explains: 'What a container lets in from the host.',
    },
    { command: 'netwright probe scan docker:web 172.17.0.0/24', explains: 'Who else is on a container’s network.' },
  ],
}
