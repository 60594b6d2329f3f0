/** `impairment: { delay: 10ms, jitter: 2ms, loss: 1%, corruption: 0.1%, rate: 10mbit }`. */
import type { LabFile, Value } from './lab-file.ts'
import { parseDuration, parsePercent, parseRate } from './quantities.ts'
import type { Impairment } from './topology.ts'

const KNOWN = ['delay', 'jitter', 'loss', 'corruption', 'rate'] as const
/** An hour: tc-netem(8) takes more, and nobody means it. */
const LONGEST_DELAY = 3_600_000

/** Reads an impairment; undefined when there is none, or it says nothing. */
export function readImpairment(file: LabFile, value: Value, what: string): Impairment | undefined {
  const fields = file.fields(value, what, KNOWN)
  const read = (field: (typeof KNOWN)[number], parse: (text: string) => number | undefined, example: string) => {
    const text = file.text(fields[field], `${field} of ${what}`)
    if (text === undefined) return undefined
    return parse(text) ?? file.mistake(fields[field], `${field} of ${what} must be like ${example}`)
  }
  const delay = read('delay', bounded(parseDuration), '10ms or 0.2s')
  const jitter = read('jitter', bounded(parseDuration), '2ms')
  const loss = read('loss', parsePercent, '1% or 0.5%')
  const corruption = read('corruption', parsePercent, '0.1%')
  const rate = read('rate', parseRate, '10mbit or 1gbit')
  if (jitter !== undefined && delay === undefined) {
    file.mistake(fields.jitter, `${what} has a jitter without a delay, which it would vary`)
  }
  const impairment = {
    ...(delay === undefined ? {} : { delay }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(loss === undefined ? {} : { loss }),
    ...(corruption === undefined ? {} : { corruption }),
    ...(rate === undefined ? {} : { rate }),
  }
  return Object.keys(impairment).length === 0 ? undefined : impairment
}

const bounded = (parse: (text: string) => number | undefined) => (text: string) => {
  const value = parse(text)
  return value !== undefined && value <= LONGEST_DELAY ? value : undefined
}
