/** `netwright probe throughput` */
import type { CommandSpec } from '../../command.ts'
import { families, from, json } from './common-options.ts'

/** The command. */
export const throughputCommand: CommandSpec = {
  name: 'throughput',
  summary: 'Measure how much goes between two namespaces.',
  description:
    'Fills TCP connections, or sends UDP datagrams, from FROM to TO, and tells each second and at the end how much arrived: ' +
    'with segments sent again and round-trip time for TCP, loss, order and jitter for UDP. Nothing need be installed in ' +
    'either. The data is neither made nor looked at (sendfile from memory, discarded on arrival), so the figure is that of ' +
    'the network path and of this host’s processors, not of a program.\n\n' +
    'Exit code 1: nothing arrived.',
  arguments: [from, { name: 'TO', summary: 'The namespace at the other end.', required: true, completes: 'target' }],
  options: [
    { long: '--udp', short: '-u', summary: 'UDP instead of TCP.' },
    { long: '--reverse', short: '-R', summary: 'From TO to FROM, over a connection that FROM makes.' },
    { long: '--both', summary: 'Both directions at once.' },
    { long: '--streams', short: '-P', value: 'N', summary: 'So many streams in each direction; 1 when left out.' },
    { long: '--time', short: '-t', value: 'TIME', summary: 'How long: 10s when left out.' },
    {
      long: '--rate',
      short: '-b',
      value: 'RATE',
      summary: 'Of UDP, bits a second: 10M, 1G. As much as goes when left out.',
    },
    { long: '--length', short: '-l', value: 'BYTES', summary: 'Of UDP, payload of a datagram; 1400 when left out.' },
    { long: '--address', value: 'ADDRESS', summary: 'The address of TO; chosen when left out.' },
    ...families,
    json,
  ],
  examples: [
    { command: 'netwright probe throughput host docker:web --time 1s', explains: 'TCP, from the host to a container.' },
    {
      command: 'netwright probe throughput host docker:web --udp --rate 50M --both --time 1s',
      explains: 'Datagrams at 50 Mbit/s in each direction: loss and jitter.',
    },
  ],
}
