/** `netwright probe ping FROM TO…` */
import { setMaxListeners } from 'node:events'
import {
  LARGEST_ECHO,
  type PingEvent,
  type PingInit,
  type PingReport,
  type PingStatistics,
  type PingTarget,
  ping,
} from '../../../probe/index.ts'
import { ExitCode, type Invocation, type Terminal, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { resolveDestination, wantedFamily } from './destination.ts'
import { LiveLines } from './live-lines.ts'
import { type Origin, openOrigin, originView, withoutRight } from './origin.ts'
import { pingEventPrinter, pingRemarks, pingTable, targetText } from './ping-text.ts'
import { countOption, timeOption } from './quantities.ts'

/** Targets of one ping. */
const MOST_TARGETS = 1024

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  using origin = await openOrigin(invocation)
  const targets = await resolveTargets(origin, invocation)
  const init = { namespace: origin.namespace, targets, ...readSettings(invocation), signal: invocation.signal }
  const show = invocation.options['json'] === true ? showJson : showText
  try {
    const report = await show(invocation, origin, init)
    return report.targets.every(isWell) ? ExitCode.done : ExitCode.wrong
  } catch (error) {
    throw withoutRight(error)
  }
}

/** Everything that was sent was answered, and something was. */
function isWell({ sent, received, unsent }: PingStatistics): boolean {
  return unsent === 0 && received === sent && sent > 0
}

async function showJson({ terminal, options }: Invocation, origin: Origin, init: PingInit): Promise<PingReport> {
  const from = originView(origin)
  const tell = (event: PingEvent): void => {
    void terminal.answer(`${JSON.stringify({ schema: 'netwright/ping-event/v1', from, ...event })}\n`)
  }
  const report = await ping({ ...init, ...(options['each'] === true ? { onEvent: tell } : {}) })
  const document = { schema: 'netwright/ping/v1', from, ...report }
  // One document a line, when there are several.
  if (options['each'] === true) await terminal.answer(`${JSON.stringify(document)}\n`)
  else await answerDocument(terminal, document)
  return report
}

async function showText({ terminal, options }: Invocation, origin: Origin, init: PingInit): Promise<PingReport> {
  const live = terminal.interactive && init.targets.length > 1 && options['each'] !== true
  if (live) return showLive(terminal, init)
  const print = pingEventPrinter(terminal, init.timeout)
  const { size, targets } = init
  const shown = targets.length === 1 ? targetText(targets[0]!) : `${targets.length} targets`
  const quiet = options['quiet'] === true
  if (!quiet) await terminal.answer(`${printable(`${shown} from ${origin.label}, ${size} bytes each`)}\n`)
  const onEvent = (event: PingEvent): void => void terminal.answer(`${print(event)}\n`)
  const report = await ping({ ...init, ...(quiet ? {} : { onEvent }) })
  const lines = [...(quiet ? [] : ['']), ...pingTable(report.targets, terminal), ...pingRemarks(report)]
  await terminal.answer(`${lines.join('\n')}\n`)
  return report
}

/** Many targets on a terminal: one table that changes, rather than lines that run by. */
async function showLive(terminal: Terminal, init: PingInit): Promise<PingReport> {
  let targets: () => readonly PingStatistics[] = () => []
  const lines = new LiveLines(terminal, () => pingTable(targets(), terminal))
  let last: string[] = []
  try {
    const report = await ping({
      ...init,
      onProgress(statistics) {
        targets = statistics
        lines.changed()
      },
    })
    last = [...pingTable(report.targets, terminal), ...pingRemarks(report)]
    return report
  } finally {
    await lines.end(last)
  }
}

async function resolveTargets(origin: Origin, invocation: Invocation): Promise<PingTarget[]> {
  const words = invocation.arguments['TO'] as readonly string[]
  if (words.length === 0) throw new UsageError('argument TO is missing')
  if (words.length > MOST_TARGETS) throw new UsageError(`${words.length} targets: ${MOST_TARGETS} are the most`)
  const family = wantedFamily(invocation)
  // Every look-up that is under way listens to it.
  setMaxListeners(0, invocation.signal)
  const found = await Promise.all(words.map((word) => resolveDestination(origin, word, family, invocation.signal)))
  return found.map(({ label, address }) => ({ label, address }))
}

function readSettings(invocation: Invocation) {
  const { options } = invocation
  const source = options['source']
  const link = options['interface']
  return {
    count: countOption(invocation, 'count', { usual: 5, least: 0, most: 1_000_000 }),
    interval: timeOption(invocation, 'interval', { usual: 1000, least: 2, most: 3_600_000 }),
    timeout: timeOption(invocation, 'timeout', { usual: 1000, least: 1, most: 60_000 }),
    size: countOption(invocation, 'size', { usual: 56, least: 0, most: LARGEST_ECHO }),
    dontFragment: options['dontFragment'] === true,
    ...(options['hops'] === undefined
      ? {}
      : { hops: countOption(invocation, 'hops', { usual: 64, least: 1, most: 255 }) }),
    ...(options['tos'] === undefined
      ? {}
      : { trafficClass: countOption(invocation, 'tos', { usual: 0, least: 0, most: 255 }) }),
    ...(typeof source === 'string' ? { source } : {}),
    ...(typeof link === 'string' ? { interface: link } : {}),
  }
}
