/** Changes as people read them. */
import type { ChangeKind, Graph, GraphChange } from '../../../host/index.ts'
import { printable } from '../../frame/escape.ts'
import type { Paint } from '../../frame/terminal.ts'

/** Sentences grouped by namespace, each with a sign for what came, went or changed; then a count. */
export function changesText(before: Graph, after: Graph, changes: readonly GraphChange[], paint: Paint): string {
  const period = `between ${printable(before.takenAt, 40)} and ${printable(after.takenAt, 40)}`
  if (changes.length === 0) return `Nothing changed ${period}.\n`
  const lines: string[] = []
  if (before.host !== after.host) {
    lines.push(`The maps are of different hosts: ${printable(before.host, 80)} and ${printable(after.host, 80)}.`, '')
  }
  let place: string | undefined
  for (const change of changes) {
    const key = JSON.stringify([change.namespace, change.title])
    if (key !== place) {
      if (place !== undefined) lines.push('')
      lines.push(paint('bold', printable(change.title, 120)))
    }
    place = key
    lines.push(changeLine(change, paint))
  }
  const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'} ${period}`
  return `${lines.join('\n')}\n\n${paint('dim', count)}\n`
}

function changeLine({ kind, summary }: GraphChange, paint: Paint): string {
  const text = printable(summary, 300)
  switch (directionOf(kind)) {
    case 'came':
      return `  ${paint('green', '+')} ${text}`
    case 'went':
      return `  ${paint('red', '-')} ${text}`
    default:
      return `  ${paint('yellow', '~')} ${text}`
  }
}

function directionOf(kind: ChangeKind): 'came' | 'went' | 'changed' {
  if (/-(appeared|added|joined|up)$/.test(kind)) return 'came'
  if (/-(vanished|removed|left|down)$/.test(kind)) return 'went'
  return 'changed'
}
