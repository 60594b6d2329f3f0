/** A path as a table for people. */
import type { PathHop, PathReport } from '../../../probe/index.ts'
import type { Terminal } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { table } from '../../frame/table.ts'
import { type Paint, painter } from '../../frame/terminal.ts'
import { cutInMiddle } from '../../frame/text.ts'
import { objectionText } from './objection-text.ts'
import { milliseconds } from './quantities.ts'

/** What people call the namespace that has an address. */
export type HopNames = (address: string) => string | undefined

/** From here on a terminal is wide. */
const WIDE = 110
/** For the hop's address and name; the other columns of the table fit beside it on 80 columns. */
const HOP_COLUMNS = { wide: 60, narrow: 34 }

/** The lines of the table, and what it does not tell. */
export function pathLines(report: PathReport, label: string, names: HopNames, terminal: Terminal): string[] {
  const paint = painter(terminal)
  const wide = (terminal.columns ?? WIDE) >= WIDE
  const withMtu = report.hops.some(({ mtu }) => mtu !== null)
  const rows = report.hops.map((hop) => hopCells(hop, names, wide, withMtu, paint))
  const titles = [
    '',
    'HOP',
    'LOST',
    ...(wide ? ['SENT', 'LAST'] : []),
    'BEST',
    'AVG',
    'WORST',
    ...(wide ? ['MDEV'] : []),
  ]
  const all = withMtu ? [...titles, 'MTU'] : titles
  const right = all.map((_, i) => i).filter((i) => i !== 1)
  const lines = rows.length === 0 ? [] : table(rows, { titles: all, right }).split('\n').slice(0, -1)
  return [...lines, outcomeText(report, label, paint)]
}

function hopCells(hop: PathHop, names: HopNames, wide: boolean, withMtu: boolean, paint: Paint): string[] {
  const { roundTrip, sent, received, lost } = hop
  const time = (value: number | null | undefined): string =>
    value === undefined || value === null ? '-' : milliseconds(value)
  const done = received + lost
  const percent = done === 0 ? '-' : `${Math.round((100 * lost) / done)} %`
  return [
    String(hop.hop),
    cutInMiddle(hopText(hop, names), wide ? HOP_COLUMNS.wide : HOP_COLUMNS.narrow),
    lost > 0 ? paint('red', percent) : percent,
    ...(wide ? [String(sent), time(hop.last)] : []),
    ...[time(roundTrip?.minimum), time(roundTrip?.average), time(roundTrip?.maximum)],
    ...(wide ? [time(roundTrip?.deviation)] : []),
    ...(withMtu ? [hop.mtu === null ? '-' : String(hop.mtu)] : []),
  ]
}

function hopText({ addresses }: PathHop, names: HopNames): string {
  const [first, ...others] = addresses
  if (first === undefined) return '(no answer)'
  const name = names(first)
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  return `${first}${name === undefined ? '' : ` (${name})`}${more}`
}

function outcomeText(
  { outcome, objection, reason, address, port, protocol, mtu, interrupted }: PathReport,
  label: string,
  paint: Paint,
): string {
  const to = printable(label === address ? address : `${label} (${address})`)
  const end = port === null ? to : `${to}, ${protocol} port ${port}`
  const size = mtu === null ? '' : `; packets of up to ${mtu} bytes get there`
  if (outcome === 'reached') return paint('green', `${end}: reached${size}`)
  if (outcome === 'open') return paint('green', `${end}: reached, the port is open${size}`)
  if (outcome === 'closed') return paint('yellow', `${end}: reached, the port is closed${size}`)
  if (reason !== null) return paint('red', `${end}: not sent (${reason})`)
  const why = objection === null ? 'nothing answers' : printable(objectionText(objection))
  return paint('red', `${end}: not reached${interrupted ? ' so far' : ''}, ${why}`)
}
