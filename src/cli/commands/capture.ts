/** `netwright capture`: packets at any interface of any namespace. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const captureCommand: CommandSpec = {
  name: 'capture',
  summary: 'Show or record the packets of containers and namespaces.',
  description:
    'Captures on every interface of each TARGET, or on those given by --interface, and prints a line for each packet, or ' +
    'writes them into one pcapng file which Wireshark and tshark read: with the name of interface and namespace, nanosecond ' +
    'time stamps, directions and drops. Several targets are brought into the order of time. Nothing need be installed in ' +
    'the container.\n\n' +
    'Words behind the targets are a filter in the language of tcpdump (pcap-filter(7)), which the kernel applies; it needs ' +
    'libpcap (Debian: libpcap0.8). Words with a prefix (docker:web) are targets, and so are bare words that name a ' +
    'namespace and mean nothing in a filter; --filter leaves no doubt. VLAN tags, which the kernel takes out of packets, ' +
    'are put back.\n\n' +
    'It ends at Ctrl-C, or as --count, --duration or --max-size say, and tells on standard error what was captured and what ' +
    'was lost. Exit code 1: packets were lost because this program was too slow.',
  arguments: [
    {
      name: 'TARGET',
      summary: 'Where to capture, then the filter.',
      required: false,
      variadic: true,
      completes: 'target',
    },
  ],
  options: [
    {
      long: '--interface',
      short: '-i',
      value: 'NAME',
      summary: 'Only this interface of each target.',
      repeatable: true,
      completes: 'interface',
    },
    { long: '--filter', short: '-f', value: 'EXPRESSION', summary: 'The filter, as one word.' },
    {
      long: '--write',
      short: '-w',
      value: 'FILE',
      summary: 'Write pcapng instead of lines; - is standard output.',
      completes: 'file',
    },
    { long: '--read', short: '-r', value: 'FILE', summary: 'Show a pcapng or pcap file instead.', completes: 'file' },
    { long: '--count', short: '-c', value: 'N', summary: 'End after so many packets.' },
    { long: '--duration', value: 'TIME', summary: 'End after this time: 10s, 500ms, 5m.' },
    { long: '--snaplen', short: '-s', value: 'BYTES', summary: 'Keep only so many bytes of each packet.' },
    { long: '--max-size', value: 'SIZE', summary: 'End when the file has reached this size: 500k, 100M, 2G.' },
    { long: '--max-files', value: 'N', summary: 'Go on in a new file instead, and keep the last N.' },
    { long: '--buffer', value: 'SIZE', summary: 'Memory that the kernel fills, for each target; 16M.' },
    { long: '--promiscuous', short: '-p', summary: 'Take in frames for others; needs --interface.' },
    { long: '--json', summary: 'Print one JSON document a packet.' },
  ],
  examples: [
    { command: 'netwright capture docker:web', explains: 'Every packet of a container, until Ctrl-C.' },
    {
      command: 'netwright capture docker:web -i eth0 -c 5 --duration 1s port 53 or arp',
      explains: 'At most five packets, of DNS or ARP.',
    },
    {
      command: 'netwright capture host docker:web -w trace.pcapng --duration 1s',
      explains: 'Both ends, side by side in one file.',
    },
    {
      command: 'netwright capture docker:web -w - --duration 1s > web.pcapng',
      explains: 'To standard output: pipe it into “wireshark -k -i -”.',
    },
    { command: 'netwright capture -r trace.pcapng', explains: 'Shows what was recorded.' },
  ],
  load: () => import('./capture/run.ts'),
}
