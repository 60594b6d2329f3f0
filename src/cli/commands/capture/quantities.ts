/** Numbers with units, as options take them. */
import { UsageError } from '../../command.ts'

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
}
const TIMES: Readonly<Record<string, number>> = { ms: 1, '': 1000, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 }
/** setTimeout(3) of Node takes no more milliseconds. */
const LONGEST = 2 ** 31 - 1

type Value = string | boolean | readonly string[] | undefined

/** Bytes of `500k`, `100M`, `2Gi`. @throws UsageError */
export function readSize(option: string, value: Value): number | undefined {
  return readQuantity(option, value, SIZES, 'a size like 500k, 100M or 2G')
}

/** Bits a second of `10M`, `1.5G`. @throws UsageError */
export function readBitRate(option: string, value: Value): number | undefined {
  return readQuantity(option, value, SIZES, 'a rate in bits a second like 10M or 1G')
}

/** Milliseconds of `10s`, `500ms`, `5m`; a bare number means seconds. @throws UsageError */
export function readTime(option: string, value: Value): number | undefined {
  const time = readQuantity(option, value, TIMES, 'a time like 10s, 500ms or 5m')
  if (time !== undefined && time > LONGEST) throw new UsageError(`${option} ${value} is too long: at most 24 days`)
  return time
}

/** A whole number from `least` to `most`. @throws UsageError */
export function readCount(option: string, value: Value, least = 1, most = Number.MAX_SAFE_INTEGER): number | undefined {
  if (value === undefined) return undefined
  const number = /^\d+$/.test(String(value)) ? Number(value) : Number.NaN
  if (number >= least && number <= most) return number
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
  throw new UsageError(`${option} needs a whole number ${range}, not ${String(value)}`)
}

function readQuantity(
  option: string,
  value: Value,
  units: Readonly<Record<string, number>>,
  wanted: string,
): number | undefined {
  if (value === undefined) return undefined
  const [, number, unit] = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(String(value).toLowerCase()) ?? []
  const factor = unit === undefined ? undefined : (units[unit.replace(/b$/, '')] ?? units[unit])
  const quantity = Math.round(Number(number) * (factor ?? Number.NaN))
  if (quantity >= 1 && Number.isSafeInteger(quantity)) return quantity
  throw new UsageError(`${option} needs ${wanted}, not ${String(value)}`)
}
