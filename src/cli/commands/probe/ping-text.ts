/** A ping in words: each event as a line, the end as a table. */
import type { PingEvent, PingReport, PingStatistics, PingTarget } from '../../../probe/index.ts'
import type { Terminal } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { table } from '../../frame/table.ts'
import { type Paint, painter } from '../../frame/terminal.ts'
import { cutInMiddle } from '../../frame/text.ts'
import { objectionText } from './objection-text.ts'
import { milliseconds, timeText } from './quantities.ts'

/** From here on a terminal is wide. */
const WIDE = 110
const TARGET_COLUMNS = { wide: 40, narrow: 24 }

/** How to print events on this terminal: each as a line without its newline. @param timeout milliseconds */
export function pingEventPrinter(terminal: Terminal, timeout: number): (event: PingEvent) => string {
  const paint = painter(terminal)
  return (event) => `${printable(targetText(event.target))}: seq ${event.sequence}  ${eventText(event, timeout, paint)}`
}

/** What was asked for, and its address where that is something else. */
export function targetText({ label, address }: PingTarget): string {
  return label === address ? address : `${label} (${address})`
}

function eventText(event: PingEvent, timeout: number, paint: Paint): string {
  switch (event.kind) {
    case 'reply': {
      const notes = [
        event.hops === null ? '' : `hop limit ${event.hops}`,
        event.answeredBy === null ? '' : `from ${event.answeredBy}`,
        event.duplicate ? paint('yellow', 'duplicate') : '',
        event.late ? paint('yellow', 'overtaken') : '',
      ]
      return [`${milliseconds(event.milliseconds)} ms`, ...notes.filter((note) => note !== '')].join('  ')
    }
    case 'error':
      return paint('red', printable(objectionText(event.objection)))
    case 'lost':
      return paint('red', `no answer within ${timeText(timeout)}`)
    case 'unsent':
      return paint('red', `not sent: ${event.reason}${event.reason === 'EMSGSIZE' ? ', longer than the MTU' : ''}`)
  }
}

/** The lines of the table at the end, or of the live picture. */
export function pingTable(targets: readonly PingStatistics[], terminal: Terminal): string[] {
  const paint = painter(terminal)
  const wide = (terminal.columns ?? WIDE) >= WIDE
  const columns = wide ? TARGET_COLUMNS.wide : TARGET_COLUMNS.narrow
  const rows = targets.map((target) => {
    const { roundTrip } = target
    const time = (value: number | undefined): string => (value === undefined ? '-' : milliseconds(value))
    const lost = target.sent === 0 ? '-' : `${percentLost(target)} %`
    return [
      cutInMiddle(printable(targetText(target)), columns),
      String(target.sent),
      target.received === target.sent ? lost : paint('red', lost),
      ...(wide ? [time(roundTrip?.minimum)] : []),
      ...[time(roundTrip?.average), time(roundTrip?.p50), time(roundTrip?.p95), time(roundTrip?.p99)],
      time(roundTrip?.maximum),
      ...(wide ? [time(roundTrip?.deviation)] : []),
    ]
  })
  const titles = [
    ...['TARGET', 'SENT', 'LOST', ...(wide ? ['MIN'] : []), 'AVG', 'P50', 'P95', 'P99', 'MAX'],
    ...(wide ? ['MDEV'] : []),
  ]
  const right = titles.map((_, i) => i).slice(1)
  return table(rows, { titles, right }).split('\n').slice(0, -1)
}

/** What the table does not tell, a line each. */
export function pingRemarks({ targets }: PingReport): string[] {
  return targets.flatMap((target) => {
    const counts: readonly (readonly [number, string, string])[] = [
      [target.errors, 'error', 'errors'],
      [target.unsent, 'not sent', 'not sent'],
      [target.duplicates, 'duplicate', 'duplicates'],
      [target.late, 'overtaken by a later one', 'overtaken by later ones'],
    ]
    const told = counts
      .filter(([count]) => count > 0)
      .map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
    return told.length === 0 ? [] : [`${printable(targetText(target))}: ${told.join(', ')}`]
  })
}

function percentLost({ sent, received }: PingStatistics): string {
  const percent = (100 * (sent - received)) / sent
  return percent === Math.round(percent) ? String(percent) : percent.toFixed(1)
}
