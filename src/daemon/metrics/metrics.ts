/** Counters, gauges and histograms, and the text in which Prometheus reads them (its exposition format 0.0.4). */

/** Labels of one sample. */
export type MetricLabels = Readonly<Record<string, string>>

interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  samples(): Iterable<readonly [suffix: string, labels: MetricLabels, value: number]>
}

/** Content type of the exposition. */
export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Upper bounds in seconds: from what a netlink request takes to what a plugin that hangs takes. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Combinations of labels of one family; what comes beyond is counted together, so that nothing from outside fills the memory. */
const MOST_SERIES = 1000
const OTHERS: MetricLabels = { other: 'true' }

/** Something that only grows. */
export interface Counter {
  add(labels?: MetricLabels, by?: number): void
}

/** How long something took. */
export interface Histogram {
  observe(labels: MetricLabels, seconds: number): void
}

/** What is measured in one process. */
export class Metrics {
  readonly #families: Family[] = []

  /** @param name without the ending `_total`, which the exposition adds */
  counter(name: string, help: string): Counter {
    const series = new Series(() => ({ value: 0 }))
    this.#families.push({
      name: `${name}_total`,
      help,
      type: 'counter',
      *samples() {
        for (const [labels, { value }] of series.entries()) yield ['', labels, value]
      },
    })
    return {
      add(labels = {}, by = 1) {
        series.of(labels).value += by
      },
    }
  }

  /** `read` is asked whenever somebody reads the metrics: pairs of labels and values. */
  gauge(name: string, help: string, read: () => Iterable<readonly [MetricLabels, number]>): void {
    this.#families.push({
      name,
      help,
      type: 'gauge',
      *samples() {
        for (const [labels, value] of read()) yield ['', labels, value]
      },
    })
  }

  /** A figure that something else counts for us: CPU seconds. */
  observedCounter(name: string, help: string, read: () => number): void {
    this.#families.push({
      name: `${name}_total`,
      help,
      type: 'counter',
      *samples() {
        yield ['', {}, read()]
      },
    })
  }

  /** Durations in seconds. */
  histogram(name: string, help: string): Histogram {
    const series = new Series(() => ({ buckets: BOUNDS.map(() => 0), sum: 0, count: 0 }))
    this.#families.push({
      name,
      help,
      type: 'histogram',
      *samples() {
        for (const [labels, { buckets, sum, count }] of series.entries()) {
          let below = 0
          for (const [i, bound] of BOUNDS.entries()) {
            below += buckets[i] ?? 0
            yield ['_bucket', { ...labels, le: String(bound) }, below]
          }
          yield ['_bucket', { ...labels, le: '+Inf' }, count]
          yield ['_sum', labels, sum]
          yield ['_count', labels, count]
        }
      },
    })
    return {
      observe(labels, seconds) {
        const one = series.of(labels)
        const place = BOUNDS.findIndex((bound) => seconds <= bound)
        if (place >= 0) one.buckets[place]! += 1
        one.sum += seconds
        one.count += 1
      },
    }
  }

  /** Everything as text. */
  exposition(): string {
    return this.#families.map(familyText).join('')
  }
}

/** One value for each combination of labels. */
class Series<V> {
  readonly #values = new Map<string, readonly [MetricLabels, V]>()
  readonly #make: () => V

  constructor(make: () => V) {
    this.#make = make
  }

  of(labels: MetricLabels): V {
    const key = labelText(labels)
    const known = this.#values.get(key)
    if (known !== undefined) return known[1]
    if (this.#values.size >= MOST_SERIES && labels !== OTHERS) return this.of(OTHERS)
    const made = this.#make()
    this.#values.set(key, [labels, made])
    return made
  }

  entries(): Iterable<readonly [MetricLabels, V]> {
    return this.#values.values()
  }
}

function familyText(family: Family): string {
  const lines = [`# HELP ${family.name} ${escapeHelp(family.help)}\n`, `# TYPE ${family.name} ${family.type}\n`]
  for (const [suffix, labels, value] of family.samples()) {
    lines.push(`${family.name}${suffix}${labelText(labels)} ${value}\n`)
  }
  return lines.join('')
}

function labelText(labels: MetricLabels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
