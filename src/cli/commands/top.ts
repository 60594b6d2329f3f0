/** `netwright top`: what uses the network. */
import type { CommandSpec } from '../command.ts'
import { TOP_ORDERS, TOP_VIEWS } from './top/choices.ts'

/** The command. */
export const topCommand: CommandSpec = {
  name: 'top',
  summary: 'Show what uses the network, as it happens.',
  description:
    'Shows the traffic of every namespace of this host, or of TARGET, renewed every second: by namespace or container (with ' +
    'the processor and memory that it uses), by link, or by connection (TCP; and UDP where the kernel counts tracked ' +
    'connections, net.netfilter.nf_conntrack_acct).\n\n' +
    'Keys: n, l and c, or Tab, choose namespaces, links or connections; s chooses the order, r turns it round; arrows and ' +
    'Page Up and Down scroll; space stops and goes on; q ends. Where standard output is no terminal, a table is printed each ' +
    'interval.',
  arguments: [{ name: 'TARGET', summary: 'Only this namespace.', required: false, completes: 'target' }],
  options: [
    { long: '--by', value: 'VIEW', summary: 'What to begin with; namespaces when left out.', choices: TOP_VIEWS },
    {
      long: '--sort',
      value: 'COLUMN',
      summary: 'The order to begin with; traffic when left out.',
      choices: TOP_ORDERS,
    },
    { long: '--interval', short: '-n', value: 'TIME', summary: 'How often: 1s when left out.' },
    { long: '--once', summary: 'Print one interval, and end.' },
    { long: '--json', summary: 'Print one JSON document an interval.' },
  ],
  examples: [
    { command: 'netwright top --once', explains: 'What goes on now, once.' },
    { command: 'netwright top docker:web --by connections --once', explains: 'Who a container talks to.' },
    { command: 'netwright top --json --once', explains: 'For a program.' },
  ],
  load: () => import('./top/run.ts'),
}
