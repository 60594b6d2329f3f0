/** A few lines at the end of a terminal that are written over again and again: a table that changes while one looks. */
import type { Terminal } from '../../command.ts'

/** Lines of a screen when it does not tell. */
const USUAL_ROWS = 24
/** Milliseconds between two pictures. */
const PACE = 100

/** Lines that change in place. Only for a terminal; end it, so that the cursor is seen again. */
export class LiveLines {
  readonly #terminal: Terminal
  readonly #picture: () => readonly string[]
  readonly #timer: NodeJS.Timeout
  #drawn = 0
  #changed = true

  /** @param picture the lines as they are now, none longer than the terminal is wide */
  constructor(terminal: Terminal, picture: () => readonly string[]) {
    this.#terminal = terminal
    this.#picture = picture
    void terminal.answer('\x1b[?25l')
    this.#timer = setInterval(() => this.#draw(), PACE)
    this.#draw()
  }

  /** The picture has changed: it is drawn again soon. */
  changed(): void {
    this.#changed = true
  }

  /** Draws the last picture, whole, and lets the cursor be seen again. */
  async end(lines: readonly string[]): Promise<void> {
    clearInterval(this.#timer)
    await this.#terminal.answer(`${this.#back()}${lines.map((line) => `${line}\n`).join('')}\x1b[?25h`)
  }

  #draw(): void {
    if (!this.#changed) return
    this.#changed = false
    // What does not fit on the screen could not be written over: it would have left the screen.
    const lines = this.#picture().slice(0, (process.stdout.rows ?? USUAL_ROWS) - 1)
    void this.#terminal.answer(`${this.#back()}${lines.map((line) => `${line}\n`).join('')}`)
    this.#drawn = lines.length
  }

  /** To the beginning of what was drawn, and all below is wiped (ECMA-48: CPL, ED). */
  #back(): string {
    return this.#drawn === 0 ? '' : `\x1b[${this.#drawn}F\x1b[J`
  }
}
