/** `netwright probe dns` */
import type { CommandSpec } from '../../command.ts'
import { from, json } from './common-options.ts'

/** The command. */
export const dnsCommand: CommandSpec = {
  name: 'dns',
  summary: 'Look a name up as programs in a namespace do.',
  description:
    'Looks a name up by the hosts file and the resolv.conf of FROM (those of its container, those in /etc/netns, or the ' +
    'host’s), as the C library does: its search list, ndots, every server in turn, TCP when an answer does not fit. Each ' +
    'step is shown with its time, and which server settled it. An address is looked up backwards. Exit code 1: nothing was ' +
    'found.',
  arguments: [from, { name: 'NAME', summary: 'A name, or an address to look up backwards.', required: true }],
  options: [
    {
      long: '--type',
      short: '-t',
      value: 'TYPE',
      summary: 'Type of records, A and AAAA when left out.',
      choices: ['A', 'AAAA', 'PTR', 'SRV', 'MX', 'TXT', 'CNAME', 'NS', 'SOA'],
      repeatable: true,
    },
    { long: '--server', short: '-s', value: 'ADDRESS', summary: 'Ask this server, and no file.', repeatable: true },
    { long: '--port', value: 'PORT', summary: 'Port of the servers, 53 when left out.' },
    { long: '--tcp', summary: 'Use TCP only.' },
    { long: '--edns', value: 'BYTES', summary: 'Tell servers by EDNS that UDP answers may be this long.' },
    {
      long: '--timeout',
      short: '-W',
      value: 'TIME',
      summary: 'Time for each answer, instead of what resolv.conf says.',
    },
    { long: '--attempts', value: 'N', summary: 'Rounds through the servers, instead of what resolv.conf says.' },
    json,
  ],
  examples: [
    { command: 'netwright probe dns docker:web db', explains: 'Which server answers, and under which full name.' },
    { command: 'netwright probe dns host _sip._udp.example.org --type SRV', explains: 'Another type of records.' },
  ],
}
