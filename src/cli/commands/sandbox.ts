/** `netwright sandbox`: network namespaces that the engine looks after. */
import type { ArgumentSpec, CommandSpec, OptionSpec } from '../command.ts'
import { sandboxOptions } from './engine/sandbox-options.ts'

const json: OptionSpec = { long: '--json', summary: 'Answer with one JSON document.' }
const sandbox: ArgumentSpec = {
  name: 'SANDBOX',
  summary: 'Its container’s id, its own id, or the beginning of that.',
  required: true,
  completes: 'sandbox',
}

const create: CommandSpec = {
  name: 'create',
  summary: 'Create a sandbox.',
  description:
    'Creates a network namespace with a resolv.conf and a hosts file of its own. With --pid or --path it takes a namespace ' +
    'that exists into its care instead; that one stays when the sandbox is removed.',
  arguments: [{ name: 'NAME', summary: 'Id of its container; may be left out with --pid or --path.', required: false }],
  options: [
    { long: '--pid', value: 'PID', summary: 'Adopt the namespace of this process.' },
    { long: '--path', value: 'PATH', summary: 'Adopt the namespace at this path.', completes: 'file' },
    {
      long: '--network',
      value: 'NETWORK',
      summary: 'Connect it to this network.',
      repeatable: true,
      completes: 'network',
    },
    ...sandboxOptions,
    json,
  ],
  examples: [
    { command: 'netwright sandbox create --network blue web', explains: 'A namespace in the network blue.' },
    { command: 'netwright sandbox create --pid 4711', explains: 'Takes a running process’s namespace into care.' },
  ],
  load: () => import('./sandbox/create.ts'),
}

const list: CommandSpec = {
  name: 'list',
  summary: 'List sandboxes.',
  options: [{ long: '--quiet', short: '-q', summary: 'Only their ids.' }, json],
  examples: [{ command: 'netwright sandbox list', explains: 'Every sandbox with its addresses.' }],
  load: () => import('./sandbox/list.ts'),
}

const inspect: CommandSpec = {
  name: 'inspect',
  summary: 'Show one sandbox and its endpoints.',
  arguments: [sandbox],
  options: [json],
  examples: [{ command: 'netwright sandbox inspect web', explains: 'Its namespace, files, endpoints.' }],
  load: () => import('./sandbox/inspect.ts'),
}

const remove: CommandSpec = {
  name: 'remove',
  summary: 'Remove sandboxes with their endpoints.',
  description: 'Processes that still run in a sandbox keep its namespace, without the interfaces of its networks.',
  arguments: [{ ...sandbox, variadic: true }],
  options: [json],
  examples: [{ command: 'netwright sandbox remove web', explains: 'Its endpoints leave their networks.' }],
  load: () => import('./sandbox/remove.ts'),
}

/** The group of commands. */
export const sandboxCommand: CommandSpec = {
  name: 'sandbox',
  summary: 'Create, show and remove sandboxes.',
  examples: [
    { command: 'netwright sandbox create --network blue web', explains: 'A namespace in the network blue.' },
    { command: 'netwright ns exec sandbox:web -- ip addr', explains: 'Runs a program in it.' },
  ],
  commands: [create, list, inspect, remove],
}
