/** What holds for every command: how it ends, what a target is, which environment variables it heeds. */

/** A term and what it means. */
export type Term = readonly [term: string, meaning: string]

/** How a command ends. */
export const exitStatus: readonly Term[] = [
  ['0', 'Done, and healthy.'],
  ['1', 'Done, and something is wrong: findings, differences, a mismatch.'],
  ['2', 'The command line cannot be understood.'],
  ['3', 'It cannot be done: no permission, no such target, or the kernel lacks it.'],
]

/** What a target may be, for commands that take one. */
export const targetForms: readonly Term[] = [
  ['host', 'The namespace of the host.'],
  ['ns:NAME', 'An entry of /run/netns, as “ip netns” knows it.'],
  ['pid:N', 'The namespace of a process.'],
  ['inode:N', 'The namespace with this inode number.'],
  ['path:/…', 'A file: a bind mount, or /proc/N/ns/net.'],
  ['docker:NAME', 'A container of Docker, by name or id; podman:NAME likewise.'],
  ['network:NAME', 'The namespace of an overlay network.'],
  ['lab:LAB/NODE', 'A node of a lab.'],
  ['sandbox:NAME', 'A sandbox.'],
  ['WORD', 'Any of these without its prefix, when only one fits.'],
]

/** Environment variables that every command heeds. */
export const environmentVariables: readonly Term[] = [
  ['NO_COLOR', 'When set, nothing is coloured.'],
  ['FORCE_COLOR', 'When set, the answer is coloured even when it does not go to a terminal; 0 means never.'],
  ['NETWRIGHT_DEBUG', 'When set, a failure also shows where in the program it happened.'],
  ['NETWRIGHT_STATE', 'Directory of what must outlive a reboot; /var/lib/netwright when it is not set.'],
  ['NETWRIGHT_RUN', 'Directory of sockets, pins and files of sandboxes; /run/netwright when it is not set.'],
  ['DOCKER_HOST', 'Where Docker’s API is asked, as for docker(1).'],
]

/** Files that the program deals with. */
export const files: readonly Term[] = [
  ['/run/netns', 'Names of network namespaces, shared with ip-netns(8).'],
  ['/run/netwright/api.sock', 'The API of netwright daemon.'],
  ['/var/lib/netwright', 'Networks and sandboxes, and what names were given.'],
  ['/var/run/docker.sock', 'Docker’s API.'],
]
