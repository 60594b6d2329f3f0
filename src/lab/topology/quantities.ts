/** Quantities with units, as people write them in lab files. */

const MILLISECONDS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const BITS_PER_SECOND: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 }
const BYTES: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  k: 1 << 10,
  m: 1 << 20,
  g: 1 << 30,
  kib: 1 << 10,
  mib: 1 << 20,
  gib: 1 << 30,
}

/** `10ms`, `1.5s`, `200us`: milliseconds. A number alone has no unit and is refused: half the field's tools take it for seconds. */
export function parseDuration(text: string): number | undefined {
  return quantity(text, MILLISECONDS)
}

/** `10mbit`, `1gbit`: bits per second; a number alone counts kbit, as the field's netem settings do. */
export function parseRate(text: string): number | undefined {
  return quantity(text, BITS_PER_SECOND) ?? quantity(`${text}kbit`, BITS_PER_SECOND)
}

/** `1.5%` or `1.5`: percent. */
export function parsePercent(text: string): number | undefined {
  const [, number] = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim()) ?? []
  return number !== undefined && Number(number) <= 100 ? Number(number) : undefined
}

/** `512m`, `1gib`: bytes; `k`, `m` and `g` alone are those of Docker, powers of 1024. */
export function parseBytes(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : quantity(text, BYTES)
}

function quantity(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim()) ?? []
  const factor = Object.hasOwn(units, unit.toLowerCase()) ? units[unit.toLowerCase()] : undefined
  return number === undefined || factor === undefined ? undefined : Number(number) * factor
}
