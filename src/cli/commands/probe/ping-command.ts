/** `netwright probe ping` */
import type { CommandSpec } from '../../command.ts'
import { families, from, json, to } from './common-options.ts'

/** The command. */
export const pingCommand: CommandSpec = {
  name: 'ping',
  summary: 'Ping several targets at once from a namespace.',
  description:
    'Sends echo requests from the namespace of FROM, and says for each target how many were answered, how long that took ' +
    '(by the kernel’s time stamps) and who objected. On a terminal several targets are one table that changes; one target, ' +
    'and output that goes elsewhere, is a line for each answer. Ctrl-C ends it with the table.\n\n' +
    'Exit code 1: something was not answered.',
  arguments: [from, { ...to, summary: 'Addresses, names as FROM resolves them, or targets.', variadic: true }],
  options: [
    {
      long: '--count',
      short: '-c',
      value: 'N',
      summary: 'Requests to each target, 5 when left out; 0 goes on until Ctrl-C.',
    },
    {
      long: '--interval',
      short: '-i',
      value: 'TIME',
      summary: 'Time between requests, 1s when left out; 2ms at least.',
    },
    { long: '--timeout', short: '-W', value: 'TIME', summary: 'Time for an answer, 1s when left out.' },
    { long: '--size', short: '-s', value: 'BYTES', summary: 'Bytes of payload, 56 when left out.' },
    { long: '--dont-fragment', short: '-D', summary: 'Never in fragments: what is too long is objected to.' },
    { long: '--hops', short: '-t', value: 'N', summary: 'Hop limit (TTL).' },
    { long: '--tos', value: 'N', summary: 'Type of service, or traffic class: 0 to 255.' },
    { long: '--source', short: '-I', value: 'ADDRESS', summary: 'Send from this address.' },
    { long: '--interface', value: 'NAME', summary: 'Send by this interface of FROM.' },
    ...families,
    { long: '--each', summary: 'A line for each event, also with --json and with several targets on a terminal.' },
    { long: '--quiet', short: '-q', summary: 'Only the table at the end.' },
    json,
  ],
  examples: [
    {
      command: 'netwright probe ping docker:web 10.0.0.1 db',
      explains: 'A gateway and a name, from within a container.',
    },
    { command: 'netwright probe ping host docker:web -s 1472 -D', explains: 'Whether full-sized packets get through.' },
  ],
}
