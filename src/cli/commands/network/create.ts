/** `netwright network create NAME` */
import type { NetworkSpec } from '../../../engine/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { answerDocument } from '../../frame/json.ts'
import { ifGiven, keyValues, oneText } from '../engine/key-values.ts'
import { withProgress } from '../engine/with-operations.ts'
import { readPools } from './pools.ts'

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options } = invocation
  const spec = readSpec(invocation)
  const network = await withProgress(invocation, 'creating the network', (operations) => operations.createNetwork(spec))
  if (options['json'] === true) await answerDocument(terminal, { schema: 'netwright/network/v1', ...network })
  else await terminal.answer(`${network.id}\n`)
  return ExitCode.done
}

function readSpec({ arguments: words, options }: Invocation): NetworkSpec {
  const name = oneText(words['NAME'])
  if (name === undefined) throw new UsageError('the name of the network is missing')
  const ipam = readPools(options)
  const templated = options['configFrom'] !== undefined
  const pairs = (option: string, key: string): Record<string, string> => keyValues(option, options[key])
  return {
    name,
    ...ifGiven('driver', oneText(options['driver'])),
    ...ifGiven('configFrom', oneText(options['configFrom'])),
    ...ifGiven('ipamDriver', oneText(options['ipamDriver'])),
    ...(options['internal'] === true ? { internal: true } : {}),
    ...(options['attachable'] === true ? { attachable: true } : {}),
    ...(options['configOnly'] === true ? { configOnly: true } : {}),
    ...(options['ipv6'] === true ? { ipv6: true } : {}),
    ...(options['noIpv4'] === true ? { ipv4: false } : {}),
    ...(templated && ipam.length === 0 ? {} : { ipam }),
    options: pairs('--opt', 'opt'),
    labels: pairs('--label', 'label'),
    ipamOptions: pairs('--ipam-opt', 'ipamOpt'),
  }
}
