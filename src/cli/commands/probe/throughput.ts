/** `netwright probe throughput FROM TO` */
import {
  measureThroughput,
  SMALLEST_DATAGRAM,
  type ThroughputDirection,
  type ThroughputReport,
  type ThroughputSample,
  threadsForThroughput,
} from '../../../probe/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { readBitRate } from '../capture/quantities.ts'
import { countOption, timeOption } from './quantities.ts'
import { openTwoEnds, withoutWay } from './two-ends.ts'

const LONGEST_TIME = 3_600_000
const MOST_STREAMS = 64
const LARGEST_DATAGRAM = 65_507
const INTERVAL_MS = 1000

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, terminal, signal } = invocation
  const directions = wantedDirections(options)
  const streams = countOption(invocation, 'streams', { usual: 1, least: 1, most: MOST_STREAMS })
  // Node makes its pool of threads when it first needs one, which it has not done yet.
  process.env['UV_THREADPOOL_SIZE'] = String(Math.max(4, threadsForThroughput(streams, directions.length)))
  const milliseconds = timeOption(invocation, 'time', { usual: 10_000, least: 100, most: LONGEST_TIME })
  const protocol = options['udp'] === true ? 'udp' : 'tcp'
  const bitsPerSecond = readBitRate('--rate', options['rate'])
  if (protocol === 'tcp' && (options['rate'] ?? options['length']) !== undefined)
    throw new UsageError('--rate and --length are about datagrams: add --udp')
  const datagramBytes = countOption(invocation, 'length', {
    usual: 1400,
    least: SMALLEST_DATAGRAM,
    most: LARGEST_DATAGRAM,
  })
  using ends = await openTwoEnds(invocation)
  const json = options['json'] === true
  if (!json)
    await terminal.answer(
      `${printable(ends.from.label)} to ${printable(ends.to.label)} at ${ends.address}, ${protocol.toUpperCase()}, ` +
        `${streams} ${streams === 1 ? 'stream' : 'streams'}${directions.length > 1 ? ' each way' : ''}\n`,
    )
  try {
    const report = await measureThroughput({
      ...ends,
      protocol,
      directions,
      streams,
      milliseconds,
      interval: INTERVAL_MS,
      datagramBytes,
      ...(bitsPerSecond === undefined ? {} : { bitsPerSecond }),
      signal,
      observe: (sample) => {
        if (!json) void terminal.answer(`${sampleText(sample)}\n`)
      },
    })
    if (json) await answerDocument(terminal, report)
    else await terminal.answer(totalText(report))
    return report.directions.every(({ bytes }) => bytes > 0) ? ExitCode.done : ExitCode.wrong
  } catch (error) {
    throw withoutWay(error, ends)
  }
}

function wantedDirections(options: Invocation['options']): ThroughputDirection[] {
  if (options['both'] === true && options['reverse'] === true)
    throw new UsageError('--both is both directions, --reverse only one')
  if (options['both'] === true) return ['forward', 'reverse']
  return [options['reverse'] === true ? 'reverse' : 'forward']
}

function totalText({ directions, from, to }: ThroughputReport): string {
  const lines = directions.map((sample) => {
    const [source, destination] = sample.direction === 'forward' ? [from, to] : [to, from]
    return `${printable(source)} > ${printable(destination)}: ${wordsOf(sample)}\n`
  })
  return lines.join('')
}

function sampleText(sample: ThroughputSample): string {
  const time = `${(sample.start / 1000).toFixed(1)}-${(sample.end / 1000).toFixed(1)} s`
  const arrow = sample.direction === 'forward' ? '>' : '<'
  return `${time.padStart(12)} ${arrow} ${wordsOf(sample)}`
}

function wordsOf({ bitsPerSecond, bytes, retransmits, roundTripMicroseconds, datagrams }: ThroughputSample): string {
  const words = [rateText(bitsPerSecond), sizeText(bytes)]
  if (retransmits !== null) words.push(`${retransmits} sent again`)
  if (roundTripMicroseconds !== null) words.push(`round trip ${(roundTripMicroseconds / 1000).toFixed(3)} ms`)
  if (datagrams !== null) {
    const share = datagrams.sent === 0 ? 0 : (datagrams.lost / datagrams.sent) * 100
    words.push(
      `${datagrams.received} of ${datagrams.sent} datagrams, ${share.toFixed(share > 0 && share < 0.1 ? 3 : 1)} % lost`,
    )
    if (datagrams.outOfOrder > 0) words.push(`${datagrams.outOfOrder} out of order`)
    words.push(`jitter ${(datagrams.jitterMicroseconds / 1000).toFixed(3)} ms`)
  }
  return words.join(', ')
}

/** `9.41 Gbit/s` */
export function rateText(bitsPerSecond: number): string {
  return `${scaled(bitsPerSecond)}bit/s`
}

/** `1.2 GB` */
export function sizeText(bytes: number): string {
  return `${scaled(bytes)}B`
}

function scaled(value: number): string {
  const units = ['', 'k', 'M', 'G', 'T', 'P']
  let number = value
  let unit = 0
  while (number >= 999.5 && unit < units.length - 1) {
    number /= 1000
    unit++
  }
  const digits = unit === 0 || number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2
  return `${number.toFixed(digits)} ${units[unit]}`
}
