/** `netwright show`: one namespace in full. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const showCommand: CommandSpec = {
  name: 'show',
  summary: 'Show one namespace in full.',
  description:
    'Shows everything that decides how packets travel in a namespace: interfaces with their far ends and addresses, routes ' +
    'of all tables, rules, neighbours, forwarding entries and vlans of bridges, sockets with their processes, nftables and ' +
    'iptables rules, tracked connections, kernel settings, IPVS services and the DNS configuration.\n\n' +
    'A part that cannot be read is named on standard error; the others are shown. What the kernel fills in by itself (the ' +
    'table local, groups that interfaces listen to) is left out of the text; --json has it.',
  arguments: [{ name: 'TARGET', summary: 'The namespace.', required: true, completes: 'target' }],
  options: [
    {
      long: '--only',
      value: 'PARTS',
      summary:
        'Show these parts only, with commas between them: links, routes, rules, neighbours, forwarding, vlans, sockets, ' +
        'nftables, iptables, conntrack, settings, ipvs, dns.',
    },
    { long: '--json', summary: 'Answer with one JSON document.' },
  ],
  examples: [
    { command: 'netwright show docker:web', explains: 'A container’s network in full.' },
    { command: 'netwright show host --only routes,rules', explains: 'How the host routes.' },
  ],
  load: () => import('./show/run.ts'),
}
