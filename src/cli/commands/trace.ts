/** `netwright trace`: does a packet get from here to there, and if not, why. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const traceCommand: CommandSpec = {
  name: 'trace',
  summary: 'Follow a packet from A to B, and say what stops it.',
  description:
    'Follows a packet through the tables of every namespace on its way as the kernel would: routes, neighbours, bridges, ' +
    'tunnels, address translation, filters, then the listening socket, and the answer all the way back. Then sends a few ' +
    'packets from FROM and watches them at each of these places. Where something stops them, it names the one cause, the ' +
    'place where a person must act, and the commands that mend it.\n\n' +
    'FROM is a target. TO is a target, an address, or a name, which is looked up as FROM would look it up; a name that ' +
    'cannot be resolved is a cause like another.\n\n' +
    'The packets are an ICMP echo, a TCP SYN whose connection is given up at once, or a small datagram. Nothing is changed: ' +
    'while a packet is missing, a table that only traces it is put into rule sets, and is gone with the command, also when ' +
    'that is killed. With --predict nothing is sent at all.\n\n' +
    'Exit code 0: delivered. 1: not delivered, or an expectation is not met.',
  arguments: [
    { name: 'FROM', summary: 'Where the packet is sent: a target.', required: false, completes: 'target' },
    { name: 'TO', summary: 'Where it is to go: a target, an address or a name.', required: false, completes: 'target' },
  ],
  options: [
    { long: '--icmp', summary: 'An ICMP echo; this is the default.' },
    { long: '--tcp', short: '-t', value: 'PORT', summary: 'A TCP connection to this port.' },
    { long: '--udp', short: '-u', value: 'PORT', summary: 'A UDP datagram to this port.' },
    { long: '--ipv4', short: '-4', summary: 'IPv4 only.' },
    { long: '--ipv6', short: '-6', summary: 'IPv6 only.' },
    { long: '--source', short: '-s', value: 'ADDRESS', summary: 'Send from this address of FROM.' },
    { long: '--source-port', value: 'PORT', summary: 'Send from this port.' },
    { long: '--size', value: 'BYTES', summary: 'Bytes of payload.' },
    { long: '--count', short: '-c', value: 'N', summary: 'Packets to send while all is well, 1 by default.' },
    { long: '--timeout', short: '-w', value: 'SECONDS', summary: 'Longest wait for an answer, 1 by default.' },
    { long: '--predict', short: '-p', summary: 'Send nothing: say what the tables say.' },
    {
      long: '--what-if',
      value: 'COMMAND',
      summary: 'Say what would be after this nft, ip, bridge or sysctl command. Nothing is changed or sent.',
      repeatable: true,
    },
    {
      long: '--expect',
      value: 'VERDICT',
      summary: 'Exit code 0 when it ends so: delivered, or dropped, which anything else counts as.',
      choices: ['delivered', 'dropped'],
    },
    {
      long: '--all',
      value: 'FILE',
      summary: 'Check a table of expectations, one flow a line: FROM TO [--tcp PORT] delivered. - is standard input.',
      completes: 'file',
    },
    { long: '--json', summary: 'Answer with one JSON document.' },
  ],
  examples: [
    {
      command: 'netwright trace docker:web docker:db --tcp 5432',
      explains: 'Can the one container reach the other’s port?',
    },
    { command: 'netwright trace docker:web example.com --tcp 443', explains: 'Can it reach a name outside?' },
    { command: 'netwright trace host docker:web --predict', explains: 'What the tables say; nothing is sent.' },
    {
      command: "netwright trace web db --what-if 'host: sysctl -w net.ipv4.ip_forward=1'",
      explains: 'Would this setting be enough?',
    },
    { command: 'netwright trace --all expectations.txt', explains: 'Check a table of expectations, as CI does.' },
  ],
  load: () => import('./trace/run.ts'),
}
