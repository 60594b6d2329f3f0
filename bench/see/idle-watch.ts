/** What `netwright watch` costs while nothing happens. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Ticks of processor time in a second (sysconf(_SC_CLK_TCK), 100 on every architecture that Node runs on). */
const TICKS = 100

/** The cost of an idle watch. */
export interface IdleWatch {
  /** Share of one core, in per cent. */
  readonly percent: number
  /** Lines that it printed meanwhile: the host was idle when there are none. */
  readonly lines: number
}

/**
 * Runs `watch --json` with the built program and measures it, its first two seconds left out.
 * @param program words that start the program
 */
export async function measureIdleWatch(program: readonly [string, ...string[]], seconds = 10): Promise<IdleWatch> {
  const [file, ...words] = program
  const child = spawn(file, [...words, 'watch', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let lines = 0
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    lines += text.split('\n').length - 1
  })
  try {
    await sleep(2000)
    lines = 0
    const before = processorTicks(child.pid!)
    await sleep(seconds * 1000)
    return { percent: ((processorTicks(child.pid!) - before) / TICKS / seconds) * 100, lines }
  } finally {
    const gone = once(child, 'exit')
    child.kill('SIGINT')
    await gone
  }
}

/** User and system time from /proc/PID/stat (proc(5)); the program's name, in parentheses, may hold blanks. */
function processorTicks(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
