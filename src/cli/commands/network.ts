/** `netwright network`: networks of the engine, and who is in them. */
import type { ArgumentSpec, CommandSpec, OptionSpec } from '../command.ts'
import { endpointOptions } from './engine/endpoint-options.ts'

const json: OptionSpec = { long: '--json', summary: 'Answer with one JSON document.' }
const network: ArgumentSpec = {
  name: 'NETWORK',
  summary: 'Its name, its id, or the beginning of its id.',
  required: true,
  completes: 'network',
}
const sandbox: ArgumentSpec = {
  name: 'SANDBOX',
  summary: 'The sandbox: its container’s id, its own, or the beginning of that.',
  required: true,
  completes: 'sandbox',
}

const create: CommandSpec = {
  name: 'create',
  summary: 'Create a network.',
  description:
    'Creates a network that sandboxes can be connected to. Without --subnet it gets a free address range that no route and no ' +
    'name server of the host lies in.\n\n' +
    'Several --subnet make a network with several ranges; --gateway, --ip-range and --aux-address belong to the range that ' +
    'they lie in.',
  arguments: [{ name: 'NAME', summary: 'Name of the new network.', required: true }],
  options: [
    {
      long: '--driver',
      short: '-d',
      value: 'DRIVER',
      summary: 'Its driver: bridge when left out, or any network plugin of Docker’s.',
      completes: ['bridge', 'macvlan', 'ipvlan', 'host', 'null'],
    },
    {
      long: '--subnet',
      value: 'PREFIX',
      summary: 'Address range, as 10.60.0.0/24.',
      repeatable: true,
    },
    {
      long: '--gateway',
      value: 'ADDRESS',
      summary: 'The network’s own address in its range.',
      repeatable: true,
    },
    {
      long: '--ip-range',
      value: 'PREFIX',
      summary: 'Part of a range that addresses are taken from.',
      repeatable: true,
    },
    {
      long: '--aux-address',
      value: 'NAME=ADDRESS',
      summary: 'Address that is kept for somebody else.',
      repeatable: true,
    },
    { long: '--internal', summary: 'No way to the outside.' },
    { long: '--ipv6', summary: 'Give out IPv6 addresses too.' },
    { long: '--no-ipv4', summary: 'Give out no IPv4 addresses.' },
    { long: '--attachable', summary: 'Others than its owner may connect to it.' },
    { long: '--config-only', summary: 'Only a template for other networks.' },
    { long: '--config-from', value: 'NETWORK', summary: 'Take the settings of this template.', completes: 'network' },
    {
      long: '--opt',
      short: '-o',
      value: 'KEY=VALUE',
      summary: 'Option of the driver.',
      repeatable: true,
    },
    { long: '--label', value: 'KEY=VALUE', summary: 'Label.', repeatable: true },
    { long: '--ipam-driver', value: 'DRIVER', summary: 'Who manages the addresses.' },
    {
      long: '--ipam-opt',
      value: 'KEY=VALUE',
      summary: 'Option of the address manager.',
      repeatable: true,
    },
    json,
  ],
  examples: [
    { command: 'netwright network create blue', explains: 'A bridge with the next free address range.' },
    {
      command: 'netwright network create --subnet 10.60.0.0/24 --internal green',
      explains: 'A network without a way out.',
    },
    {
      command: 'netwright network create --subnet 10.61.0.0/24 --subnet fd00:61::/64 both',
      explains: 'IPv4 and IPv6.',
    },
  ],
  load: () => import('./network/create.ts'),
}

const list: CommandSpec = {
  name: 'list',
  summary: 'List networks.',
  options: [{ long: '--quiet', short: '-q', summary: 'Only their ids.' }, json],
  examples: [{ command: 'netwright network list', explains: 'Every network with its address ranges.' }],
  load: () => import('./network/list.ts'),
}

const inspect: CommandSpec = {
  name: 'inspect',
  summary: 'Show one network and who is in it.',
  arguments: [network],
  options: [json],
  examples: [{ command: 'netwright network inspect blue', explains: 'Its ranges, options and endpoints.' }],
  load: () => import('./network/inspect.ts'),
}

const remove: CommandSpec = {
  name: 'remove',
  summary: 'Remove networks.',
  description: 'A network that has endpoints is kept, unless --force is given: then they are disconnected first.',
  arguments: [{ ...network, variadic: true }],
  options: [{ long: '--force', short: '-f', summary: 'Disconnect its sandboxes first.' }, json],
  examples: [{ command: 'netwright network remove blue green', explains: 'Removes two networks.' }],
  load: () => import('./network/remove.ts'),
}

const prune: CommandSpec = {
  name: 'prune',
  summary: 'Remove all networks that nothing uses.',
  options: [json],
  examples: [{ command: 'netwright network prune', explains: 'Prints the names of those that are gone.' }],
  load: () => import('./network/prune.ts'),
}

const connect: CommandSpec = {
  name: 'connect',
  summary: 'Connect a sandbox to a network.',
  description:
    'Gives the sandbox one more interface. Of several networks the one that was made to be a way out and was connected with ' +
    'the highest --priority becomes the default route.',
  arguments: [network, sandbox],
  options: [
    { long: '--name', value: 'NAME', summary: 'Its name in this network; the container’s id when left out.' },
    ...endpointOptions,
    {
      long: '--priority',
      value: 'NUMBER',
      summary: 'The highest of a sandbox’s networks is its way out; 0 when left out.',
    },
    json,
  ],
  examples: [
    { command: 'netwright network connect blue web', explains: 'A free address.' },
    { command: 'netwright network connect --alias db green web', explains: 'Others find it as db, too.' },
  ],
  load: () => import('./network/connect.ts'),
}

const disconnect: CommandSpec = {
  name: 'disconnect',
  summary: 'Disconnect a sandbox from a network.',
  arguments: [network, sandbox],
  examples: [{ command: 'netwright network disconnect blue web', explains: 'Its interface and address there go.' }],
  load: () => import('./network/disconnect.ts'),
}

/** The group of commands. */
export const networkCommand: CommandSpec = {
  name: 'network',
  summary: 'Create, show and remove container networks.',
  examples: [
    { command: 'netwright network create blue', explains: 'A network.' },
    { command: 'netwright run --network blue --name web -- sleep 60', explains: 'A program in it.' },
  ],
  commands: [create, list, inspect, remove, prune, connect, disconnect],
}
