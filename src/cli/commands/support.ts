/** `netwright support`: everything that a second person needs, in one file. */
import type { CommandSpec } from '../command.ts'

/** The command. */
export const supportCommand: CommandSpec = {
  name: 'support',
  summary: 'Write an archive with everything that a second person needs.',
  description:
    'Gathers the graph of the host, every namespace in full (links, addresses, routes, rules, tables, counters, sockets), ' +
    'what doctor finds, what Docker’s daemons say, versions and the lines of logs that are about networks, and writes ' +
    'them into one archive (tar.gz). Each part stands for itself: the archive is also made when half the host is broken, ' +
    'and index.json says what is in it and what is missing.\n\n' +
    'Variables and arguments of containers, keys of tunnels, and labels and options that look like secrets are left out. ' +
    'Names, addresses and rules are in it: look through it before you give it to others.',
  options: [
    {
      long: '--output',
      short: '-o',
      value: 'FILE',
      summary: 'Where to write it; - is standard output.',
      completes: 'file',
    },
    { long: '--json', summary: 'Answer with the index of the archive as one JSON document.' },
  ],
  examples: [
    { command: 'netwright support', explains: 'Writes netwright-support-HOST-TIME.tar.gz into the current directory.' },
    { command: 'netwright support -o - | ssh helper tee case-17.tar.gz', explains: 'Sends it elsewhere.' },
  ],
  load: () => import('./support/run.ts'),
}
