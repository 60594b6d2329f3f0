/** Endpoints as people read them. */
import type { EndpointView } from '../../../daemon/index.ts'
import { printable } from '../../frame/escape.ts'
import { table } from '../../frame/table.ts'

/** One line for each endpoint, indented. `of` says what the first column names. */
export function endpointTable(endpoints: readonly EndpointView[], of: 'network' | 'sandbox'): string {
  const rows = endpoints.map((endpoint) => [
    printable(of === 'network' ? endpoint.network.name : (endpoint.sandbox?.name ?? '-'), 40),
    printable(endpoint.name, 40),
    endpoint.interfaceName ?? '-',
    endpoint.addresses.join(', ') || '-',
    endpoint.macAddress ?? '-',
    portsText(endpoint) || '-',
  ])
  const titles = [of === 'network' ? 'NETWORK' : 'SANDBOX', 'ENDPOINT', 'INTERFACE', 'ADDRESSES', 'MAC', 'PORTS']
  return table(rows, { titles, indent: 2 })
}

/** `0.0.0.0:8080->80/tcp` for each published port. */
export function portsText({ ports }: EndpointView): string {
  return ports
    .map(({ hostAddress, hostPort, containerPort, protocol }) => {
      const address = hostAddress.includes(':') ? `[${hostAddress}]` : hostAddress
      return `${address}:${hostPort}->${containerPort}/${protocol}`
    })
    .join(', ')
}

/** `key value` lines under a title; nothing when there are none. */
export function pairLines(title: string, pairs: Readonly<Record<string, string>>): string {
  const rows = Object.entries(pairs).map(([key, value]) => [printable(key), printable(value)])
  return rows.length === 0 ? '' : `\n${title}\n${table(rows, { indent: 2 })}`
}
