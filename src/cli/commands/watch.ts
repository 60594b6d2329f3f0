/** `netwright watch`: every change on this host as it happens. */
import type { CommandSpec } from '../command.ts'

/** Kinds of object that `--only` takes. */
export const WATCHED_OBJECTS = ['namespace', 'link', 'address', 'route', 'rule', 'neighbour', 'forwarding'] as const

/** The command. */
export const watchCommand: CommandSpec = {
  name: 'watch',
  summary: 'Print every change in every namespace as it happens.',
  description:
    'Prints a line for each link, address, route, rule, neighbour and forwarding entry that comes, changes or goes, in any ' +
    'network namespace of this host, with the name of the namespace or of its owner. New namespaces are joined within a ' +
    'fifth of a second; one that lives shorter than that and is joined to no other may go unseen. ' +
    'With TARGET only what happens in that namespace is printed, also when its container is restarted.\n\n' +
    'When the kernel had to drop announcements, everything is read again and what was missed is printed, after a line that ' +
    'says so. What a namespace brings along or takes with it is printed for links and addresses only, unless --all is given; ' +
    '--json has it all, marked "implied". Routes of the table local follow from addresses and are left out.',
  arguments: [{ name: 'TARGET', summary: 'Watch only this namespace.', required: false, completes: 'target' }],
  options: [
    { long: '--json', summary: 'Print one JSON document a line.' },
    {
      long: '--only',
      short: '-o',
      value: 'OBJECT',
      summary: 'Print only changes of this kind.',
      choices: WATCHED_OBJECTS,
      repeatable: true,
    },
    { long: '--all', short: '-a', summary: 'Print also what namespaces bring along and take with them.' },
  ],
  examples: [
    { command: 'netwright watch', explains: 'Everything, until Ctrl-C.' },
    { command: 'netwright watch host --only route', explains: 'Changes of the host’s routes.' },
    { command: 'netwright watch --json', explains: 'For a program: one document a line.' },
  ],
  load: () => import('./watch/run.ts'),
}
