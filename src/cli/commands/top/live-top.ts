/** `top` on a terminal: one table that fills the screen, and keys. */
import type { TopReport } from '../../../probe/index.ts'
import type { Terminal } from '../../command.ts'
import { type Paint, painter } from '../../frame/terminal.ts'
import { TOP_VIEWS } from './choices.ts'
import { Screen } from './screen.ts'
import { fitted, ordersOf, type TopOrder, type TopView, viewTable } from './views.ts'

/** Lines that are not of the table: the head, the titles, the keys. */
const OTHER_LINES = 3
const VIEW_KEYS: Readonly<Record<string, TopView>> = { n: 'namespaces', l: 'links', c: 'connections' }

/** What it begins with. */
export interface LiveTopOptions {
  readonly terminal: Terminal
  readonly view: TopView
  readonly order: TopOrder
  readonly host: string
  /** Called when the person has had enough. */
  readonly quit: () => void
}

/** The screen of `top`. Close it. */
export class LiveTop {
  readonly #screen: Screen
  readonly #paint: Paint
  readonly #options: LiveTopOptions
  #view: TopView
  #order: TopOrder
  #reversed = false
  #paused = false
  #first = 0
  #report: TopReport | undefined

  constructor(options: LiveTopOptions) {
    this.#options = options
    this.#view = options.view
    this.#order = options.order
    this.#paint = painter(options.terminal)
    this.#screen = new Screen({ key: (name) => this.#press(name), resize: () => this.#draw() })
    this.#draw()
  }

  /** Shows the next interval, unless the person has stopped it. */
  show(report: TopReport): void {
    if (this.#paused) return
    this.#report = report
    this.#draw()
  }

  close(): void {
    this.#screen.close()
  }

  #press(key: string): void {
    const page = Math.max(1, this.#screen.rows - OTHER_LINES)
    if (key === 'q' || key === 'interrupt') {
      this.#options.quit()
      return
    }
    const view = key === 'tab' ? after(TOP_VIEWS, this.#view) : VIEW_KEYS[key]
    if (view !== undefined) {
      this.#view = view
      this.#first = 0
      if (!ordersOf(view).includes(this.#order)) this.#order = 'traffic'
    } else if (key === 's') this.#order = after(ordersOf(this.#view), this.#order)
    else if (key === 'r') this.#reversed = !this.#reversed
    else if (key === ' ') this.#paused = !this.#paused
    else if (key === 'up') this.#first--
    else if (key === 'down') this.#first++
    else if (key === 'page-up') this.#first -= page
    else if (key === 'page-down') this.#first += page
    else if (key === 'home') this.#first = 0
    else if (key === 'end') this.#first = Number.MAX_SAFE_INTEGER
    else return
    this.#draw()
  }

  #draw(): void {
    const { columns, rows } = this.#screen
    const paint = this.#paint
    const report = this.#report
    const head = (text: string): string => paint('bold', fitted(text, columns))
    const keys = paint(
      'dim',
      fitted('n namespaces  l links  c connections  s sort  r reverse  space stop  q quit', columns),
    )
    if (report === undefined) {
      const empty = Array.from({ length: Math.max(0, rows - 2) }, () => '')
      this.#screen.draw([head(`netwright top  ${this.#options.host}  counting`), ...empty, keys])
      return
    }
    const table = viewTable(report, { view: this.#view, order: this.#order, reversed: this.#reversed, columns })
    const room = Math.max(0, rows - OTHER_LINES)
    this.#first = Math.max(0, Math.min(this.#first, table.lines.length - room))
    const shown = table.lines.slice(this.#first, this.#first + room).map((line) => fitted(line, columns))
    const blank = Array.from({ length: room - shown.length }, () => '')
    this.#screen.draw([
      head(this.#headText(report, table.lines.length)),
      paint('inverse', fitted(table.title, columns)),
      ...shown,
      ...blank,
      keys,
    ])
  }

  #headText({ time, namespaces }: TopReport, count: number): string {
    const at = new Date(time).toTimeString().slice(0, 8)
    const turned = this.#reversed ? ', reversed' : ''
    const stopped = this.#paused ? '  STOPPED' : ''
    const what = this.#view === 'namespaces' ? '' : `${count} ${this.#view} in `
    return `netwright top  ${this.#options.host}  ${at}  ${what}${namespaces.length} namespaces, by ${this.#order}${turned}${stopped}`
  }
}

function after<T>(all: readonly T[], one: T): T {
  return all[(all.indexOf(one) + 1) % all.length]!
}
