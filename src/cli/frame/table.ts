/** Tables for people: aligned columns, no rules, no trailing blanks. */
import { columnsOf, padded } from './text.ts'

/** What a table looks like. */
export interface TableStyle {
  /** Titles of the columns; a table without has none. */
  readonly titles?: readonly string[]
  /** Blanks in front of each line. */
  readonly indent?: number
  /** Numbers of the columns whose cells are aligned to the right. */
  readonly right?: readonly number[]
}

const gap = '  '

/** The lines of a table, ending in a newline each. Cells are shown as they are: escape what comes from outside first. */
export function table(rows: readonly (readonly string[])[], style: TableStyle = {}): string {
  const all = style.titles === undefined ? rows : [style.titles, ...rows]
  const widths: number[] = []
  for (const row of all) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, columnsOf(cell))
    })
  }
  const margin = ' '.repeat(style.indent ?? 0)
  const line = (row: readonly string[]) => row.map((cell, column) => aligned(cell, column, widths, style)).join(gap)
  return all.map((row) => `${(margin + line(row)).trimEnd()}\n`).join('')
}

function aligned(cell: string, column: number, widths: readonly number[], style: TableStyle): string {
  const width = widths[column] ?? 0
  if (style.right?.includes(column) !== true) return padded(cell, width)
  return ' '.repeat(width - columnsOf(cell)) + cell
}
