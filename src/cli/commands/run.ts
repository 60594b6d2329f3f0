/** `netwright run`: a program in a sandbox of its own. */
import type { CommandSpec } from '../command.ts'
import { endpointOptions } from './engine/endpoint-options.ts'
import { sandboxOptions } from './engine/sandbox-options.ts'

/** The command. */
export const runCommand: CommandSpec = {
  name: 'run',
  summary: 'Run a program in a sandbox of its own.',
  description:
    'A container without an image: makes a sandbox, connects it to NETWORK, and runs a program of this host in it, with the host’s file system but the ' +
    'sandbox’s resolv.conf, hosts file and host name. When the program ends, the sandbox is removed, and netwright ends as the ' +
    'program did: with its exit code, or by the same signal. A program that does not exist gives exit code 127, one that may ' +
    'not be run 126.\n\n' +
    'Without a daemon this process looks after the sandbox itself, and other commands that need the engine wait until it ' +
    'ends: start netwright daemon first to run more than one.',
  arguments: [{ name: 'COMMAND', summary: 'The program and its arguments.', required: true, variadic: true }],
  options: [
    {
      long: '--network',
      value: 'NETWORK',
      summary: 'The network. None when left out.',
      repeatable: true,
      completes: 'network',
    },
    { long: '--name', value: 'NAME', summary: 'Its name, by which others find it; made up when left out.' },
    ...endpointOptions,
    ...sandboxOptions,
    { long: '--keep', summary: 'Keep the sandbox when the program has ended.' },
  ],
  passThrough: true,
  examples: [
    { command: 'netwright run --network blue -- ip addr', explains: 'What a container in this network sees.' },
    {
      command: 'netwright run --network blue --name web -p 8080:80 -- busybox httpd -f -p 80',
      explains: 'A web server that others find as web, and the outside at port 8080.',
    },
  ],
  load: () => import('./run/run.ts'),
}

/** What `run` starts itself again as, to become the program within the sandbox. */
export const enterCommand: CommandSpec = {
  name: '__enter',
  hidden: true,
  summary: 'Become a program in a sandbox.',
  arguments: [{ name: 'COMMAND', summary: 'The program and its arguments.', required: true, variadic: true }],
  options: [
    { long: '--namespace', value: 'PATH', summary: 'Its namespace.' },
    { long: '--files', value: 'DIRECTORY', summary: 'Its resolv.conf and hosts.' },
    { long: '--hostname', value: 'NAME', summary: 'Its host name.' },
  ],
  passThrough: true,
  examples: [
    {
      command: 'netwright __enter --namespace /run/netns/blue --files /tmp -- ip addr',
      explains: 'The program takes the place of netwright.',
    },
  ],
  load: () => import('./run/enter.ts'),
}
