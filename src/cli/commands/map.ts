/** `netwright map`: every namespace and link of this host as a picture. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const mapCommand: CommandSpec = {
  name: 'map',
  summary: 'Draw every namespace and link of this host.',
  description:
    'Shows the host, its bridges with their ports and what is behind each of them, overlay networks with their VXLAN ' +
    'tunnel ends, and every other network namespace, also those that ip netns does not list. Both ends of each link are ' +
    'named. What is broken is marked where it stands: ✗ and a word for what keeps traffic from passing, ! for what is odd.\n\n' +
    'With TARGET only that namespace is drawn, with the far ends of its links; where one is the port of a bridge, the ' +
    'bridge with its other ports and what they lead to is drawn too.\n\n' +
    'Long lists are shortened, never hiding what is broken; --all shows them whole, with loopback interfaces, fall-back ' +
    'tunnel devices and link-local addresses. What could not be seen is said on standard error.',
  arguments: [
    { name: 'TARGET', summary: 'Draw only this namespace and its neighbours.', required: false, completes: 'target' },
  ],
  options: [
    { long: '--all', short: '-a', summary: 'Leave nothing out.' },
    {
      long: '--format',
      short: '-f',
      value: 'FORMAT',
      summary: 'A tree of text, or a drawing for Graphviz, for Mermaid, or for a browser (svg).',
      choices: ['tree', 'dot', 'mermaid', 'svg', 'json'],
    },
    { long: '--json', summary: 'Answer with one JSON document.' },
    { long: '--output', short: '-o', value: 'FILE', summary: 'Write the answer to a file.', completes: 'file' },
  ],
  examples: [
    { command: 'netwright map', explains: 'Everything on this host.' },
    { command: 'netwright map docker:web', explains: 'What one container is joined to.' },
    { command: 'netwright map --format svg -o map.svg', explains: 'A drawing to open in a browser.' },
    { command: 'netwright map --json > before.json', explains: 'Saves the host’s state for netwright diff.' },
  ],
  load: () => import('./map/run.ts'),
}
