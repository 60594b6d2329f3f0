/** Options by which an endpoint is described: those of `network connect` and `run`. */
import type { EndpointSpec } from '../../../engine/index.ts'
import type { Invocation, OptionSpec } from '../../command.ts'
import { ifGiven, keyValues, oneText, texts } from './key-values.ts'
import { parsePublish } from './publish.ts'

/** The options. */
export const endpointOptions: readonly OptionSpec[] = [
  {
    long: '--alias',
    value: 'NAME',
    summary: 'Further name in this network.',
    repeatable: true,
  },
  { long: '--ip', value: 'ADDRESS', summary: 'Its IPv4 address; a free one when left out.' },
  { long: '--ip6', value: 'ADDRESS', summary: 'Its IPv6 address; a free one when left out.' },
  { long: '--mac-address', value: 'ADDRESS', summary: 'MAC address of its interface.' },
  {
    long: '--publish',
    short: '-p',
    value: 'PORTS',
    summary: 'Publish a port on the host: [[ADDRESS:]HOSTPORT:]PORT[/PROTOCOL].',
    repeatable: true,
  },
  {
    long: '--driver-opt',
    value: 'KEY=VALUE',
    summary: 'Option for the network’s driver.',
    repeatable: true,
  },
]

/** What they say. @throws UsageError */
export function readEndpointOptions(options: Invocation['options']): EndpointSpec {
  const addresses = [oneText(options['ip']), oneText(options['ip6'])].filter((text) => text !== undefined)
  const aliases = texts(options['alias'])
  const portMappings = texts(options['publish']).flatMap(parsePublish)
  const driverOptions = keyValues('--driver-opt', options['driverOpt'])
  return {
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(portMappings.length === 0 ? {} : { portMappings }),
    ...(Object.keys(driverOptions).length === 0 ? {} : { options: driverOptions }),
    ...ifGiven('macAddress', oneText(options['macAddress'])),
  }
}
