/** Timing whole processes and functions: several runs after a warm-up, the median quoted beside the extremes. */
import { spawnSync } from 'node:child_process'

/** Seconds or other figures of several runs. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
}

/** Order statistics of a set of figures. */
export function spread(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((a, b) => a - b)
  return { median: sorted[sorted.length >> 1]!, least: sorted[0]!, most: sorted.at(-1)! }
}

/** What one command cost as a whole process. */
export interface ProcessCost {
  readonly milliseconds: Spread
  /** Largest resident set of the command or one of its children, KiB. */
  readonly peakKibibytes: number
}

/**
 * Runs commands in turn, A B A B …, so that a machine whose speed drifts does not favour one of them.
 * @throws Error when a command fails: a figure of a failed run means nothing
 */
export function compareProcesses(commands: readonly (readonly string[])[], runs: number): ProcessCost[] {
  const times = commands.map((): number[] => [])
  const peaks = commands.map(() => 0)
  for (let run = -1; run < runs; run++) {
    commands.forEach((command, i) => {
      const cost = runOnce(command)
      if (run < 0) return
      times[i]!.push(cost.milliseconds)
      peaks[i] = Math.max(peaks[i]!, cost.peakKibibytes)
    })
  }
  return commands.map((_, i) => ({ milliseconds: spread(times[i]!), peakKibibytes: peaks[i]! }))
}

function runOnce(command: readonly string[]): { milliseconds: number; peakKibibytes: number } {
  const start = process.hrtime.bigint()
  const result = spawnSync('/usr/bin/time', ['-f', '%M', ...command], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6
  if (result.status !== 0) throw new Error(`${command.join(' ')} failed: ${result.stderr || result.error?.message}`)
  return { milliseconds, peakKibibytes: Number(result.stderr.trim().split('\n').at(-1)) }
}

/** Milliseconds of a synchronous function, several runs after one that is not counted. */
export function timeFunction(work: () => void, runs: number): Spread {
  work()
  const figures = Array.from({ length: runs }, () => {
    const start = process.hrtime.bigint()
    work()
    return Number(process.hrtime.bigint() - start) / 1e6
  })
  return spread(figures)
}
