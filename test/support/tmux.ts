/** A real terminal for programs that draw on one: tmux, with a server of its own. */
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

/** How long a picture is waited for, in milliseconds. */
const PATIENCE = 20_000

/** A terminal of a size, with a shell in it. Close it. */
export class TmuxTerminal {
  readonly #server = `nwt-${process.pid}-${randomBytes(4).toString('hex')}`

  constructor(columns: number, rows: number, environment: Readonly<Record<string, string>> = {}) {
    const words = Object.entries({ PS1: '$ ', ...environment }).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const size = ['-x', String(columns), '-y', String(rows)]
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-s', 't', ...size, ...words, 'bash --norc --noprofile')
  }

  /** Types a line, and Enter. */
  type(line: string): void {
    this.#tmux('send-keys', '-t', 't', '-l', line)
    this.press('Enter')
  }

  /** Presses keys, by tmux's names. */
  press(...keys: readonly string[]): void {
    this.#tmux('send-keys', '-t', 't', ...keys)
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-t', 't', '-x', String(columns), '-y', String(rows))
  }

  /** What the terminal shows, line by line; `styled` with the sequences that colour it. */
  picture(styled = false): string[] {
    return this.#tmux('capture-pane', '-p', '-t', 't', ...(styled ? ['-e'] : [])).split('\n')
  }

  /** True while the alternate screen is shown. */
  get alternate(): boolean {
    return this.#tmux('display-message', '-p', '-t', 't', '#{alternate_on}').trim() === '1'
  }

  /** True while the cursor is shown. */
  get cursor(): boolean {
    return this.#tmux('display-message', '-p', '-t', 't', '#{cursor_flag}').trim() === '1'
  }

  /** Sends a signal to the program that the shell runs. */
  signal(name: NodeJS.Signals): void {
    const shell = this.#tmux('display-message', '-p', '-t', 't', '#{pane_pid}').trim()
    process.kill(Number(execFileSync('ps', ['-o', 'pid=', '--ppid', shell], { encoding: 'utf8' }).trim()), name)
  }

  /** Waits for a picture that fits. @throws Error with what was there instead */
  async until(fits: (lines: string[]) => boolean): Promise<string[]> {
    const deadline = Date.now() + PATIENCE
    for (;;) {
      const lines = this.picture()
      if (fits(lines)) return lines
      if (Date.now() > deadline) throw new Error(`the terminal shows:\n${lines.join('\n')}`)
      await sleep(50)
    }
  }

  close(): void {
    spawnSync('tmux', ['-L', this.#server, 'kill-server'])
  }

  #tmux(...words: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#server, ...words], { encoding: 'utf8' })
  }
}
