/** `netwright network inspect NETWORK` */
import type { NetworkDetails } from '../../../daemon/index.ts'
import { ExitCode, type Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { table } from '../../frame/table.ts'
import { endpointTable, pairLines } from '../engine/endpoint-text.ts'
import { withOperations } from '../engine/with-operations.ts'

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { terminal, options, arguments: words } = invocation
  const network = await withOperations(invocation, (operations) => operations.network(String(words['NETWORK'])))
  if (options['json'] === true) await answerDocument(terminal, { schema: 'netwright/network/v1', ...network })
  else await terminal.answer(page(network))
  return ExitCode.done
}

function page(network: NetworkDetails): string {
  const facts: [string, string][] = [
    ['Name', printable(network.name)],
    ['Id', network.id],
    ['Driver', `${printable(network.driver)}, ${network.scope}`],
    ['Created', network.created],
    ['Internal', yesNo(network.internal)],
    ['Attachable', yesNo(network.attachable)],
    ['Families', [network.ipv4 && 'IPv4', network.ipv6 && 'IPv6'].filter(Boolean).join(', ')],
    ['Addresses from', printable(network.ipamDriver)],
  ]
  if (network.configOnly) facts.push(['Template', 'yes'])
  if (network.configFrom !== null) facts.push(['Settings from', network.configFrom])
  const endpoints = network.endpoints.length === 0 ? '' : `\nEndpoints\n${endpointTable(network.endpoints, 'sandbox')}`
  const options = pairLines('Options', network.options)
  return table(facts) + poolLines(network) + options + pairLines('Labels', network.labels) + endpoints
}

function poolLines({ pools }: NetworkDetails): string {
  if (pools.length === 0) return ''
  const rows = pools.map(({ pool, subPool, gateway, auxiliary }) => [
    pool,
    subPool ?? '-',
    gateway ?? '-',
    Object.entries(auxiliary)
      .map(([name, address]) => `${printable(name)}=${address}`)
      .join(', ') || '-',
  ])
  return `\nSubnets\n${table(rows, { titles: ['SUBNET', 'ADDRESSES FROM', 'GATEWAY', 'KEPT'], indent: 2 })}`
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no'
}
