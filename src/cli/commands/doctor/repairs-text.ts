/** What is about to be done, and what was done, as people read it. */
import type { Finding } from '../../../diagnose/index.ts'
import { printable } from '../../frame/escape.ts'
import { wrapped } from '../../frame/text.ts'
import { type PageStyle, placeName } from './findings-text.ts'
import type { Mended, Repair } from './mend.ts'

/** What is about to be done. */
export function planText(planned: readonly Finding[], { paint, columns }: PageStyle): string {
  const steps = planned.map(({ code, summary, fix }) => {
    const commands = (fix?.commands ?? []).map((command) => `      ${paint('cyan', printable(command, 4096))}\n`)
    return `  ${paint('bold', code)}\n${wrapped(printable(summary, 2000), columns, 4)}\n${commands.join('')}`
  })
  return `${paint('bold', 'To mend')}\n${steps.join('\n')}\n`
}

const MARKS = {
  planned: { mark: '· not done', style: 'dim' },
  mended: { mark: '✓ mended', style: 'green' },
  failed: { mark: '✗ not mended', style: 'red' },
  skipped: { mark: '- left alone', style: 'yellow' },
} as const

/** What was done. */
export function repairsText({ repairs }: Mended, style: PageStyle): string {
  if (repairs.length === 0) return `${style.paint('green', 'There is nothing to mend.')}\n`
  return repairs.map((repair) => repairLine(repair, style)).join('')
}

function repairLine({ code, subject, outcome, failure }: Repair, { paint, columns }: PageStyle): string {
  const { mark, style } = MARKS[outcome]
  const where = `${placeName(subject)}${subject.interface === undefined ? '' : `, ${printable(subject.interface)}`}`
  const reason = failure === null ? '' : `\n${wrapped(printable(failure, 500), columns, 4)}`
  return `${paint(style, mark)}  ${paint('bold', code)}  ${where}${reason}\n`
}
