/** `netwright probe traffic` */
import type { CommandSpec } from '../../command.ts'
import { families, from } from './common-options.ts'

/** The command. */
export const trafficCommand: CommandSpec = {
  name: 'traffic',
  summary: 'Make steady, labelled traffic between two namespaces.',
  description:
    'Sends messages from FROM to TO at a steady rate until Ctrl-C, and tells each second how many arrived, how many were ' +
    'lost and how long they took, one way. Change something meanwhile, and see at once whether it hurts. Every message ' +
    'begins with a label, by which netwright capture recognises it wherever it passes.\n\n' +
    'Exit code 1: messages were lost.',
  arguments: [from, { name: 'TO', summary: 'The namespace at the other end.', required: true, completes: 'target' }],
  options: [
    { long: '--tcp', summary: 'Over one TCP connection instead of UDP.' },
    { long: '--port', short: '-p', value: 'PORT', summary: 'The port in TO; any when left out.' },
    { long: '--rate', short: '-r', value: 'N', summary: 'Messages a second; 100 when left out.' },
    { long: '--size', short: '-s', value: 'BYTES', summary: 'Payload of a message; 100 when left out.' },
    { long: '--label', value: 'WORD', summary: 'The label; FROM-TO when left out.' },
    { long: '--time', short: '-t', value: 'TIME', summary: 'End after this time.' },
    { long: '--interval', value: 'TIME', summary: 'Tell every so often; 1s when left out.' },
    { long: '--address', value: 'ADDRESS', summary: 'The address of TO; chosen when left out.' },
    ...families,
    { long: '--json', summary: 'Print one JSON document a line.' },
  ],
  examples: [
    {
      command: 'netwright probe traffic host docker:web --time 2s',
      explains: '100 datagrams a second for two seconds, and what became of them.',
    },
    {
      command: 'netwright probe traffic host docker:web --tcp --label check -t 1s',
      explains: 'Over TCP, recognised as “check”.',
    },
  ],
}
