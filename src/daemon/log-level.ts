/** How much the daemon logs; apart from the log itself, which takes a while to load. */

const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'trace'] as const

/** From least to most: error, warn, info, debug, trace. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Whether a word is one of them. */
export function isLogLevel(word: string): word is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(word)
}
