/** Scans and sweeps as lines for people. */
import type { PortScan, ScannedPort, Sweep, SweptHost } from '../../../probe/index.ts'
import { table } from '../../frame/table.ts'
import type { Paint } from '../../frame/terminal.ts'
import { objectionText } from './objection-text.ts'
import { milliseconds } from './quantities.ts'

const evidence = { own: 'own address', arp: 'ARP', echo: 'echo reply', tcp: 'TCP answer' } as const

/** Who is there. */
export function sweepLines({ hosts, asked, refused, interrupted, milliseconds: spent }: Sweep, what: string): string[] {
  const rows = hosts.map(({ address, by, macs, milliseconds: time }) => [
    address,
    evidence[by],
    time === null ? '' : `${milliseconds(time)} ms`,
    macText(macs),
  ])
  const troubles = Object.entries(refused).map(([code, count]) => `${count} could not be asked (${code})`)
  const end = interrupted ? ', interrupted' : ''
  return [
    ...lines(rows),
    `${what}: ${hosts.length} of ${asked} addresses are in use (${milliseconds(spent)} ms)${end}`,
    ...troubles,
  ]
}

function macText(macs: SweptHost['macs']): string {
  return macs.length > 1 ? `${macs.join(' and ')}: two answer for one address` : (macs[0] ?? '')
}

/** What is open, and how many are not; all of them when asked. */
export function portScanLines(scan: PortScan, what: string, all: boolean, paint: Paint): string[] {
  const { ports, address, reason, interrupted, milliseconds: spent } = scan
  const name = what === address || what.includes('/') ? address : `${what} (${address})`
  if (reason !== null) return [`${name}: cannot be scanned (${reason})`]
  const shown = all ? ports : ports.filter(({ state }) => state === 'open')
  const rows = shown.map((port) => portCells(port, paint))
  const counts = (['open', 'closed', 'filtered'] as const).map(
    (state) => `${ports.filter((port) => port.state === state).length} ${state}`,
  )
  const objectors = new Set(ports.flatMap(({ objection }) => (objection === null ? [] : [objectionText(objection)])))
  const end = interrupted ? ', interrupted' : ''
  return [...lines(rows), `${name}: ${counts.join(', ')} (${milliseconds(spent)} ms)${end}`, ...objectors]
}

function portCells({ port, state, milliseconds: time, objection }: ScannedPort, paint: Paint): string[] {
  const style = state === 'open' ? 'green' : state === 'closed' ? 'dim' : 'yellow'
  const spent = time === null ? '' : `${milliseconds(time)} ms`
  return [`${port}/tcp`, paint(style, state), spent, objection === null ? '' : objectionText(objection)]
}

function lines(rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : table(rows).split('\n').slice(0, -1)
}
