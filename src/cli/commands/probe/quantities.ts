/** Numbers and times of options, each with its bounds. */
import { type Invocation, UsageError } from '../../command.ts'

/** Bounds of a number. */
export interface Bounds {
  readonly usual: number
  readonly least: number
  readonly most: number
}

/** A whole number. @throws UsageError when it is none, or out of bounds */
export function countOption({ options }: Invocation, key: string, { usual, least, most }: Bounds): number {
  const text = options[key]
  if (typeof text !== 'string') return usual
  const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new UsageError(
    `--${dashed(key)} takes a whole number from ${least} to ${most.toLocaleString('en')}, not ${quoted(text)}`,
  )
}

/** A time in milliseconds: `200ms`, `2s`, `1m`; a bare number is seconds. @throws UsageError */
export function timeOption({ options }: Invocation, key: string, { usual, least, most }: Bounds): number {
  const text = options[key]
  if (typeof text !== 'string') return usual
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? []
  const milliseconds = Number(number) * { ms: 1, s: 1000, m: 60_000 }[unit as 'ms' | 's' | 'm']
  if (milliseconds >= least && milliseconds <= most) return milliseconds
  throw new UsageError(
    `--${dashed(key)} takes a time from ${timeText(least)} to ${timeText(most)}, such as 200ms or 2s, not ${quoted(text)}`,
  )
}

/** A port. @throws UsageError */
export function portOf(text: unknown, what: string): number {
  const port = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65_535) return port
  throw new UsageError(`${what} is a port, a number from 1 to 65535, not ${quoted(String(text))}`)
}

/** A time with its unit: `1.5 s`. */
export function timeText(milliseconds: number): string {
  if (milliseconds < 1000) return `${milliseconds} ms`
  return milliseconds < 60_000 ? `${milliseconds / 1000} s` : `${milliseconds / 60_000} min`
}

/** Milliseconds with three digits that count: `0.042`, `3.14`, `812`. */
export function milliseconds(value: number): string {
  return value.toFixed(value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0)
}

function dashed(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}
