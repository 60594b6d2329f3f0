/** `netwright top [TARGET]` */
import { hostname } from 'node:os'
import { takeGraph } from '../../../host/index.ts'
import { type TopReport, TopSampler } from '../../../probe/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { namedTarget } from '../ns/named-target.ts'
import { timeOption } from '../probe/quantities.ts'
import { LiveTop } from './live-top.ts'
import { followGraph, keepFollowing, placeOf } from './namespaces.ts'
import { ordersOf, type TopOrder, type TopView, viewTable } from './views.ts'

/** Columns of a table that goes to no terminal. */
const WIDE = 132
/** The first interval is short: nobody wants to look at an empty screen. */
const FIRST_MS = 300
/** Rows of a table that is printed; the JSON document has all. */
const MOST_ROWS = 40

/** Runs the command until it is interrupted. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { arguments: words, options, environment, terminal } = invocation
  const view = (options['by'] ?? 'namespaces') as TopView
  const order = (options['sort'] ?? 'traffic') as TopOrder
  if (!ordersOf(view).includes(order)) throw new UsageError(`${view} cannot be sorted by ${order}`)
  const interval = timeOption(invocation, 'interval', { usual: 1000, least: 100, most: 3_600_000 })
  const sampler = new TopSampler()
  let stopFollowing: () => void = () => {}
  try {
    const graph = await takeGraph({ environment })
    if (words['TARGET'] === undefined) {
      followGraph(sampler, graph)
      stopFollowing = keepFollowing(sampler, invocation)
    } else sampler.add(placeOf(namedTarget(words['TARGET'], graph, terminal)))
    const live = terminal.interactive && options['json'] !== true && options['once'] !== true
    if (live) await showLive(invocation, sampler, { view, order, interval })
    else await printReports(invocation, sampler, { view, order, interval })
  } finally {
    stopFollowing()
    sampler.close()
  }
  return ExitCode.done
}

/** What to show. */
interface Wanted {
  readonly view: TopView
  readonly order: TopOrder
  readonly interval: number
}

async function showLive(invocation: Invocation, sampler: TopSampler, { view, order, interval }: Wanted): Promise<void> {
  const quitting = new AbortController()
  const signal = AbortSignal.any([invocation.signal, quitting.signal])
  const { terminal } = invocation
  const live = new LiveTop({ terminal, view, order, host: printable(hostname(), 40), quit: () => quitting.abort() })
  try {
    sampler.sample()
    await pause(Math.min(FIRST_MS, interval), signal)
    while (!signal.aborted) {
      live.show(sampler.sample())
      await pause(interval, signal)
    }
  } finally {
    live.close()
  }
}

async function printReports(
  { options, terminal, signal }: Invocation,
  sampler: TopSampler,
  { view, order, interval }: Wanted,
): Promise<void> {
  sampler.sample()
  do {
    await pause(interval, signal)
    if (signal.aborted) return
    const report = sampler.sample()
    await terminal.answer(options['json'] === true ? `${JSON.stringify(report)}\n` : tableText(report, view, order))
  } while (options['once'] !== true)

  function tableText(report: TopReport, shown: TopView, by: TopOrder): string {
    const columns = terminal.columns ?? WIDE
    const { title, lines } = viewTable(report, { view: shown, order: by, reversed: false, columns })
    const rest = lines.length - MOST_ROWS
    const rows = [title, ...lines.slice(0, MOST_ROWS), ...(rest > 0 ? [`and ${rest} more`] : [])]
    return `${rows.map((line) => line.trimEnd()).join('\n')}\n${options['once'] === true ? '' : '\n'}`
  }
}

/** Waits, or until the signal comes. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, milliseconds)
    signal.addEventListener('abort', done, { once: true })
    if (signal.aborted) done()
  })
}
