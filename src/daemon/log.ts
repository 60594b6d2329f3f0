/** The daemon's log: one JSON object a line on standard error, which systemd's journal keeps as it is. */
import { type Logger, pino, destination as toDescriptor } from 'pino'
import type { LogLevel } from './log-level.ts'

const STDERR = 2

/** Wherever these stand in what is logged, their values are left out. */
const SECRETS = ['token', 'authorization', 'password', 'secret', 'cookie']

/** Makes the log; it writes at once, so that nothing is lost when the process dies. */
export function createLog(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRETS.flatMap((word) => [word, `*.${word}`, `*.*.${word}`]), censor: '[left out]' },
    },
    toDescriptor({ dest: STDERR, sync: true }),
  )
}
