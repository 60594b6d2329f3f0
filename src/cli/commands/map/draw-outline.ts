/** Draws an outline as text: rails, columns, colours; nothing of it can harm a terminal. */
import type { Branch, Cell, Glyph, Role, Span } from '../../../host/index.ts'
import { printable } from '../../frame/escape.ts'
import type { Paint, Style } from '../../frame/terminal.ts'
import { columnsOf } from '../../frame/text.ts'

/** How an outline is drawn. */
export interface DrawingStyle {
  /** Columns that lines are folded to. */
  readonly columns: number
  readonly paint: Paint
  /** Only ASCII characters: the locale has no others. */
  readonly ascii: boolean
}

/** Characters of the drawing. */
interface Characters {
  readonly fork: string
  readonly last: string
  readonly rail: string
  readonly blank: string
  readonly glyphs: Readonly<Record<Glyph, string>>
}

const unicode: Characters = {
  fork: '├─ ',
  last: '└─ ',
  rail: '│  ',
  blank: '   ',
  glyphs: { wire: '──', tunnel: '⇢', broken: '✗', odd: '!' },
}

const plain: Characters = {
  fork: '|- ',
  last: '`- ',
  rail: '|  ',
  blank: '   ',
  glyphs: { wire: '--', tunnel: '=>', broken: 'X', odd: '!' },
}

const styles: Readonly<Partial<Record<Role, Style>>> = {
  title: 'bold',
  kind: 'dim',
  address: 'cyan',
  network: 'magenta',
  broken: 'red',
  odd: 'yellow',
  quiet: 'dim',
}

/** Longest name or other piece of text, in UTF-16 units. */
const LONGEST_TEXT = 64
/** Widest cell that makes its column wider for all lines beside it; a longer one just pushes its own line's rest. */
const WIDEST_COLUMN = 44
const GAP = '  '

/** The text of an outline, each line ending in a newline. Sections with something beneath them stand apart. */
export function drawOutline(branches: readonly Branch[], style: DrawingStyle): string {
  const drawing = new Drawing(style)
  const widths = columnWidths(
    branches.filter((branch) => branch.children.length === 0).map((branch) => drawing.widthsOf(branch)),
  )
  branches.forEach((branch, position) => {
    const previous = branches[position - 1]
    if (previous !== undefined && (previous.children.length > 0 || branch.children.length > 0)) drawing.emptyLine()
    drawing.draw(branch, { first: '', rest: '' }, branch.children.length === 0 ? widths : [])
  })
  return drawing.text()
}

/** What stands in front of a branch's own line, and in front of all lines after it. */
interface Margin {
  readonly first: string
  readonly rest: string
}

class Drawing {
  readonly #lines: string[] = []
  readonly #style: DrawingStyle
  readonly #characters: Characters

  constructor(style: DrawingStyle) {
    this.#style = style
    this.#characters = style.ascii ? plain : unicode
  }

  text(): string {
    return this.#lines.map((line) => `${line}\n`).join('')
  }

  emptyLine(): void {
    this.#lines.push('')
  }

  draw(branch: Branch, margin: Margin, widths: readonly number[]): void {
    const { fork, last, rail, blank } = this.#characters
    this.#drawLine(branch, margin, widths)
    const beneath = columnWidths(branch.children.map((child) => this.widthsOf(child)))
    branch.children.forEach((child, position) => {
      const isLast = position === branch.children.length - 1
      const next = { first: margin.rest + (isLast ? last : fork), rest: margin.rest + (isLast ? blank : rail) }
      this.draw(child, next, beneath)
    })
  }

  /** Columns that each cell of a branch's line takes. The last one has nothing behind it to be aligned. */
  widthsOf(branch: Branch): number[] {
    const last = branch.cells.findLastIndex((cell) => cell.length > 0)
    return branch.cells.slice(0, last).map((cell) => columnsOf(this.#written(cell).join(' ')))
  }

  /** A line, folded before the word that would not fit; what follows is indented beneath it. */
  #drawLine(branch: Branch, margin: Margin, widths: readonly number[]): void {
    const folded = margin.rest + (branch.children.length > 0 ? this.#characters.rail : this.#characters.blank)
    let line = this.#railed(margin.first)
    let used = columnsOf(margin.first)
    let pending = 0
    let begun = false
    branch.cells.forEach((cell, column) => {
      const words = this.#written(cell)
      let width = 0
      words.forEach((word, position) => {
        const gap = position === 0 ? pending : 1
        const wide = columnsOf(word)
        if (begun && used + gap + wide > this.#style.columns) {
          this.#lines.push(line.trimEnd())
          line = `${this.#railed(folded)}  ${this.#painted(word, cell[position]!)}`
          used = columnsOf(folded) + 2 + wide
        } else {
          line += ' '.repeat(gap) + this.#painted(word, cell[position]!)
          used += gap + wide
        }
        width += wide + (position === 0 ? 0 : 1)
        begun = true
      })
      const filled = Math.max(widths[column] ?? 0, width)
      if (words.length > 0) pending = 0
      if (filled > 0) pending += filled - width + GAP.length
    })
    this.#lines.push(line.trimEnd())
  }

  #railed(rails: string): string {
    return rails === '' ? '' : this.#style.paint('dim', rails)
  }

  #written(cell: Cell): string[] {
    return cell.map(({ role, text }) => {
      if (role === 'glyph') return this.#characters.glyphs[text as Glyph]
      const shown = printable(text, LONGEST_TEXT)
      return this.#style.ascii ? inAscii(shown) : shown
    })
  }

  #painted(word: string, { role, text }: Span): string {
    const style = styles[role === 'glyph' && (text === 'broken' || text === 'odd') ? text : role]
    return style === undefined ? word : this.#style.paint(style, word)
  }
}

/** The widest cell of each column, as far as it may widen the column. */
function columnWidths(rows: readonly (readonly number[])[]): number[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((width, column) => {
      if (width <= WIDEST_COLUMN) widths[column] = Math.max(widths[column] ?? 0, width)
    })
  }
  return widths
}

/** Characters that an ASCII terminal lacks, as their code points; again cut to what a name may take. */
function inAscii(text: string): string {
  const written = text
    .replaceAll('…', '...')
    .replace(/[^ -~]/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)
  return written.length <= LONGEST_TEXT ? written : `${written.slice(0, LONGEST_TEXT - 3)}...`
}

/** The locale's characters are not UTF-8: LC_ALL goes before LC_CTYPE, that before LANG (locale(7)). */
export function isAsciiLocale(environment: Readonly<Record<string, string | undefined>>): boolean {
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || ''
  return !/utf-?8/i.test(locale)
}
