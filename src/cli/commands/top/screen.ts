/**
 * The whole terminal, for as long as a program shows something that changes: the alternate screen, keys as they are pressed,
 * and everything as it was before when the program ends, in whichever way (ECMA-48, xterm's control sequences).
 */
import { writeSync } from 'node:fs'
import { columnsOf } from '../../frame/text.ts'

const STDOUT = 1
/** Alternate screen, cursor hidden, no wrapping of long lines. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l'
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l'
/** Terminals that know it show what lies between at once; the others pass over it. */
const BEGIN_PICTURE = '\x1b[?2026h\x1b[H'
const END_PICTURE = '\x1b[?2026l'
const KEYS: Readonly<Record<string, string>> = {
  '\x1b[A': 'up',
  '\x1bOA': 'up',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  '\x1b[5~': 'page-up',
  '\x1b[6~': 'page-down',
  '\x1b[H': 'home',
  '\x1b[F': 'end',
  '\x1b[1~': 'home',
  '\x1b[4~': 'end',
  '\t': 'tab',
  '\x03': 'interrupt',
}
const USUAL_COLUMNS = 80
const USUAL_ROWS = 24

/** What the screen tells. */
export interface ScreenListener {
  /** A key: its character, or its name. */
  key(name: string): void
  /** The size has changed. */
  resize(): void
}

/** The terminal, taken over. Close it. */
export class Screen {
  readonly #listener: ScreenListener
  readonly #onData = (bytes: Buffer): void => {
    for (const key of keysOf(bytes.toString('latin1'))) this.#listener.key(key)
  }
  readonly #onResize = (): void => this.#listener.resize()
  readonly #onExit = (): void => this.close()
  readonly #onHangUp = (): void => {
    this.close()
    process.exit(129)
  }
  #open = true

  constructor(listener: ScreenListener) {
    this.#listener = listener
    process.on('exit', this.#onExit)
    process.on('SIGHUP', this.#onHangUp)
    put(ENTER)
    if (process.stdin.isTTY) {
      process.stdin.setRawMode(true)
      process.stdin.on('data', this.#onData)
      process.stdin.resume()
    }
    process.stdout.on('resize', this.#onResize)
  }

  get columns(): number {
    return process.stdout.columns || USUAL_COLUMNS
  }

  get rows(): number {
    return process.stdout.rows || USUAL_ROWS
  }

  /** Shows these lines; those that do not fit are left out. Each line is written over what stood there, so nothing flickers. */
  draw(lines: readonly string[]): void {
    if (!this.#open) return
    const { columns } = this
    const shown = lines.slice(0, this.rows)
    // At the end of a full line the cursor still stands on its last column, which clearing to the end would take.
    const cleared = shown.map((line) => (columnsOf(line) < columns ? `${line}\x1b[K` : line))
    put(`${BEGIN_PICTURE}${cleared.join('\r\n')}${END_PICTURE}`)
  }

  /** Gives the terminal back. */
  close(): void {
    if (!this.#open) return
    this.#open = false
    process.off('exit', this.#onExit)
    process.off('SIGHUP', this.#onHangUp)
    process.stdout.off('resize', this.#onResize)
    if (process.stdin.isTTY) {
      process.stdin.off('data', this.#onData)
      process.stdin.setRawMode(false)
      process.stdin.pause()
    }
    put(LEAVE)
  }
}

/** The keys in what a terminal sent: several may come at once, and unknown sequences mean none. */
export function keysOf(text: string): string[] {
  const keys: string[] = []
  // A sequence of ECMA-48, one of SS3, or a character.
  for (const [word] of text.matchAll(/\x1b\[[\d;?]*[@-~]|\x1bO.|[\s\S]/g)) {
    const name = KEYS[word]
    if (name !== undefined) keys.push(name)
    else if (word.length === 1 && word >= ' ') keys.push(word)
  }
  return keys
}

/** A terminal that is gone takes nothing any more, which the end of the program must survive. */
function put(text: string): void {
  const bytes = Buffer.from(text)
  let written = 0
  for (let attempts = 0; written < bytes.length && attempts < 1000; attempts++) {
    try {
      written += writeSync(STDOUT, bytes, written)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return
    }
  }
}
