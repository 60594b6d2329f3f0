/** When a process was started: what tells a process from an earlier or later one of the same number. */
import { readFileHere } from './read-file.ts'

/** Unit of times in /proc/PID/stat: USER_HZ, 100 a second on every architecture that Linux has today (param.h). */
const MILLISECONDS_PER_TICK = 10

/** Clock ticks between the start of the kernel and that of process `pid`; undefined when it is gone. */
export function startTimeOf(pid: number): number | undefined {
  try {
    return parseStartTime(readFileHere(`/proc/${pid}/stat`, 'read process').toString('latin1'))
  } catch {
    return undefined
  }
}

/**
 * When a process was started, in milliseconds since 1970; undefined when there is none of that number.
 * The kernel counts from boot, so the answer is as right as the clock is now: when the clock is set, it moves along.
 */
export function processStartedAt(pid: number): number | undefined {
  const ticks = startTimeOf(pid)
  return ticks === undefined ? undefined : bootedAt() + ticks * MILLISECONDS_PER_TICK
}

/** When the kernel was started, in milliseconds since 1970 by the clock as it is set now. */
export function bootedAt(): number {
  const uptime = readFileHere('/proc/uptime', 'read uptime').toString('latin1')
  return Date.now() - Number.parseFloat(uptime) * 1000
}

/** Field 22 of /proc/PID/stat (proc_pid_stat(5)). Field 2 is the command in parentheses, and may hold anything. */
export function parseStartTime(stat: string): number | undefined {
  const behindCommand = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(behindCommand[22 - 3] ?? Number.NaN)
  return Number.isSafeInteger(ticks) && ticks >= 0 ? ticks : undefined
}
