/** `netwright ns`: the namespaces of this host, their names, and programs in them. */
import type { CommandSpec, OptionSpec } from '../command.ts'

const json: OptionSpec = { long: '--json', summary: 'Answer with one JSON document.' }

const list: CommandSpec = {
  name: 'list',
  summary: 'List every network namespace of this host.',
  description:
    'Shows all network namespaces: those of processes, single threads, containers, overlay networks and labs, those with a ' +
    'name in /run/netns, and those that only a mount, an open file, a socket or a link still holds. Names that no longer ' +
    'lead where they should are listed below the table.',
  options: [json],
  examples: [{ command: 'netwright ns list', explains: 'Who owns each namespace, and what keeps it alive.' }],
  load: () => import('./ns/list.ts'),
}

const attach: CommandSpec = {
  name: 'attach',
  summary: 'Give a namespace a name in /run/netns.',
  description:
    'Mounts the namespace of TARGET at /run/netns/NAME, so that ip netns exec NAME reaches it. The name leads to this very ' +
    'namespace for as long as it exists: after the container is restarted, netwright ns repair lets it follow. A name that ' +
    'is in use is refused.',
  arguments: [
    { name: 'TARGET', summary: 'The namespace.', required: true, completes: 'target' },
    { name: 'NAME', summary: 'Its name; the container’s own when left out.', required: false },
  ],
  options: [json],
  examples: [
    { command: 'netwright ns attach docker:web', explains: 'Then: ip netns exec web ip addr.' },
    { command: 'netwright ns attach pid:4711 blue', explains: 'Names the namespace that a process lives in.' },
  ],
  load: () => import('./ns/attach.ts'),
}

const detach: CommandSpec = {
  name: 'detach',
  summary: 'Take a name in /run/netns away.',
  description:
    'Unmounts and removes a name that netwright ns attach gave. Names that others gave are refused unless --force is ' +
    'given. Processes in the namespace go on as before.',
  arguments: [{ name: 'NAME', summary: 'The name in /run/netns.', required: true }],
  options: [{ long: '--force', summary: 'Also take away a name that another program gave.' }],
  examples: [{ command: 'netwright ns detach web', explains: 'Undoes netwright ns attach docker:web.' }],
  load: () => import('./ns/detach.ts'),
}

const repair: CommandSpec = {
  name: 'repair',
  summary: 'Find and mend stale names in /run/netns.',
  description:
    'A name is stale when it is a link to a process that has ended or whose number was used again, a file on which nothing ' +
    'is mounted, or the former namespace of a container that was restarted. It is made to lead to the right namespace when ' +
    'that is known (it was attached to a container, or a running container is called so), and removed otherwise. Names that ' +
    'work are never touched, and neither is one whose namespace is still used by a process.\n\n' +
    'Exit code 1: something is stale still.',
  arguments: [{ name: 'NAME', summary: 'Only these names; all when left out.', required: false, variadic: true }],
  options: [{ long: '--dry-run', short: '-n', summary: 'Say what would be done, and do nothing.' }, json],
  examples: [
    { command: 'netwright ns repair --dry-run', explains: 'Which names are stale, why, and what would be done.' },
    { command: 'netwright ns repair web', explains: 'Mends one name.' },
  ],
  load: () => import('./ns/repair.ts'),
}

const exec: CommandSpec = {
  name: 'exec',
  summary: 'Run a program in a namespace.',
  description:
    'Runs a program of this host, with the host’s file system, in the network namespace of TARGET. Netwright becomes that ' +
    'program: its exit code, signals and terminal are its own. A program that does not exist gives exit code 127, one that ' +
    'may not be run 126.\n\n' +
    'With --mount the program sees the resolv.conf and hosts of the container (or those in /etc/netns/NAME) and the ' +
    'namespace’s devices in /sys; nothing of that is seen by any other program.',
  arguments: [
    { name: 'TARGET', summary: 'The namespace.', required: true, completes: 'target' },
    { name: 'COMMAND', summary: 'The program and its arguments.', required: true, variadic: true },
  ],
  options: [{ long: '--mount', short: '-m', summary: 'Take the container’s resolv.conf and hosts along.' }],
  passThrough: true,
  examples: [
    { command: 'netwright ns exec docker:web -- ss -tlnp', explains: 'What listens in a container that has no ss.' },
    {
      command: 'netwright ns exec --mount docker:web -- getent hosts db',
      explains: 'Resolves a name as the container does.',
    },
  ],
  load: () => import('./ns/exec.ts'),
}

/** The group of commands. */
export const nsCommand: CommandSpec = {
  name: 'ns',
  summary: 'List, name and enter network namespaces.',
  examples: [
    { command: 'netwright ns list', explains: 'Every network namespace of this host.' },
    {
      command: 'netwright ns exec docker:web -- ip addr',
      explains: 'Runs a program of this host in a container’s network.',
    },
  ],
  commands: [list, attach, detach, repair, exec],
}
