/** Figures of a suite: printed as a table, kept as JSON with the machine they were taken on. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'

/** One line of the report. */
export interface Figure {
  readonly what: string
  readonly value: string
  /** What the figure is held against, and the ratio that was asked for. */
  readonly against?: string
  readonly ratio?: number
  /** The ratio is to be at least, or at most, this. */
  readonly bound?: { readonly kind: 'least' | 'most'; readonly value: number }
}

/** Prints the figures and keeps them. @returns false when a bound is not kept */
export function report(suite: string, figures: readonly Figure[]): boolean {
  const missed = figures.filter((figure) => !kept(figure))
  for (const { what, value, against, ratio, bound } of figures) {
    const held = against === undefined ? '' : `  against ${against}`
    const times = ratio === undefined ? '' : `  ${ratio.toFixed(2)}×`
    const asked = bound === undefined ? '' : ` (at ${bound.kind} ${bound.value}×)`
    process.stdout.write(`${what.padEnd(58)} ${value}${held}${times}${asked}\n`)
  }
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  }
  const taken = new Date().toISOString().slice(0, 10)
  writeFileSync(join(folder, `${suite}.json`), `${JSON.stringify({ suite, taken, machine, figures }, null, 2)}\n`)
  for (const { what, ratio } of missed) process.stderr.write(`not kept: ${what} (${ratio?.toFixed(2)})\n`)
  return missed.length === 0
}

function kept({ ratio, bound }: Figure): boolean {
  if (ratio === undefined || bound === undefined) return true
  return bound.kind === 'least' ? ratio >= bound.value : ratio <= bound.value
}
