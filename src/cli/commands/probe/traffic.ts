/** `netwright probe traffic FROM TO` */
import { makeTraffic, SMALLEST_MESSAGE, type TrafficReport } from '../../../probe/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { oneText } from '../engine/key-values.ts'
import { countOption, milliseconds, portOf, timeOption } from './quantities.ts'
import { rateText } from './throughput.ts'
import { openTwoEnds, withoutWay } from './two-ends.ts'

const LARGEST_DATAGRAM = 65_507
const LARGEST_MESSAGE = 1_000_000
const LONGEST_TIME = 2 ** 31 - 1
const LABEL = /^[\x21-\x7e]{1,32}$/

/** Runs the command until it is interrupted. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, terminal, signal } = invocation
  const protocol = options['tcp'] === true ? 'tcp' : 'udp'
  const rate = countOption(invocation, 'rate', { usual: 100, least: 1, most: 200_000 })
  const most = protocol === 'udp' ? LARGEST_DATAGRAM : LARGEST_MESSAGE
  const size = countOption(invocation, 'size', { usual: 100, least: SMALLEST_MESSAGE, most })
  const port = options['port'] === undefined ? 0 : portOf(options['port'], '--port')
  const interval = timeOption(invocation, 'interval', { usual: 1000, least: 100, most: 3_600_000 })
  const time = timeOption(invocation, 'time', { usual: LONGEST_TIME, least: 100, most: LONGEST_TIME })
  const given = oneText(options['label'])
  if (given !== undefined && !LABEL.test(given)) throw new UsageError('--label takes up to 32 visible ASCII characters')
  using ends = await openTwoEnds(invocation)
  const label = given ?? usualLabel(ends.from.label, ends.to.label)
  const json = options['json'] === true
  const tell = (report: TrafficReport): Promise<void> =>
    terminal.answer(`${json ? JSON.stringify(report) : reportText(report)}\n`)
  if (!json)
    await terminal.answer(
      `${printable(ends.from.label)} to ${printable(ends.to.label)} at ${ends.address}, ${protocol.toUpperCase()}: ` +
        `${rate} messages a second of ${size} bytes, labelled ${label}\n`,
    )
  try {
    const total = await makeTraffic({
      ...ends,
      protocol,
      port,
      rate,
      size,
      label,
      interval,
      signal,
      ...(options['time'] === undefined ? {} : { milliseconds: time }),
      observe: (report) => void tell(report),
    })
    await tell(total)
    return total.lost === 0 ? ExitCode.done : ExitCode.wrong
  } catch (error) {
    throw withoutWay(error, ends)
  }
}

/** Names of both ends, as far as there is room for them. */
function usualLabel(from: string, to: string): string {
  const short = (label: string): string =>
    label
      .slice(label.indexOf(':') + 1)
      .replace(/[^\x21-\x7e]/g, '?')
      .slice(0, 15)
  return `${short(from)}-${short(to)}`
}

function reportText(report: TrafficReport): string {
  const { part, start, end, sent, received, lost, outOfOrder, bitsPerSecond, latencyMicroseconds: latency } = report
  const time = part === 'total' ? 'in all' : `${(start / 1000).toFixed(1)}-${(end / 1000).toFixed(1)} s`
  const words = [`${received} of ${sent}`, `${lost} lost`, rateText(bitsPerSecond)]
  if (outOfOrder > 0) words.push(`${outOfOrder} out of order`)
  if (latency !== null) {
    const [least, mean, most] = [latency.least, latency.mean, latency.most].map((it) => milliseconds(it / 1000))
    words.push(`took ${least}/${mean}/${most} ms`)
  }
  return `${time.padStart(12)}  ${words.join(', ')}`
}
