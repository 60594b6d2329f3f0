/** `netwright capture` */
import { openTarget, resolveTarget, TargetAmbiguousError, TargetUnknownError, takeGraph } from '../../../host/index.ts'
import { FilterExpressionError, hasCode, type Namespace, PcapMissingError } from '../../../kernel/index.ts'
import {
  type CapturePointOptions,
  type CaptureRequest,
  type CaptureSummary,
  capture,
  FileSink,
  LineSink,
  printFile,
} from '../../../probe/index.ts'
import { CannotError, ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { version } from '../../version.ts'
import { oneText, texts } from '../engine/key-values.ts'
import { namedTarget } from '../ns/named-target.ts'
import { readCount, readSize, readTime } from './quantities.ts'
import { targetsAndFilter } from './targets-and-filter.ts'

const STDOUT = 1

/** Runs the command until it is interrupted. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { options } = invocation
  const read = oneText(options['read'])
  if (read !== undefined) return showFile(invocation, read)
  const names = texts(invocation.arguments['TARGET'])
  if (names.length === 0) throw new UsageError('argument TARGET is missing')
  const limits = readLimits(options)
  const opened: Namespace[] = []
  try {
    const points = await openPoints(invocation, names, opened)
    return await captureAt(invocation, points, limits)
  } catch (error) {
    if (error instanceof FilterExpressionError) throw new UsageError(error.message)
    if (error instanceof PcapMissingError) throw new CannotError(error.message)
    throw error
  } finally {
    for (const namespace of opened) namespace.close()
  }
}

async function showFile({ arguments: words, options, terminal, signal }: Invocation, path: string): Promise<ExitCode> {
  if (texts(words['TARGET']).length > 0 || options['filter'] !== undefined || options['write'] !== undefined)
    throw new UsageError('--read shows a file as it is: leave out targets, filter and --write')
  const count = readCount('--count', options['count'])
  await printFile({
    path,
    json: options['json'] === true,
    ...(count === undefined ? {} : { count }),
    signal,
    print: (lines) => terminal.answer(lines),
  })
  return ExitCode.done
}

type Limits = Omit<CaptureRequest, 'points' | 'signal' | 'opened'>

function readLimits(options: Invocation['options']): Limits {
  const count = readCount('--count', options['count'])
  const milliseconds = readTime('--duration', options['duration'])
  const write = oneText(options['write'])
  if (write === undefined && (options['maxSize'] ?? options['maxFiles']) !== undefined)
    throw new UsageError('--max-size and --max-files are about the file of --write')
  if (write === '-' && options['maxFiles'] !== undefined) throw new UsageError('standard output is but one file')
  if (options['maxFiles'] !== undefined && options['maxSize'] === undefined)
    throw new UsageError('--max-files needs --max-size: the size at which a new file begins')
  if (write !== undefined && options['json'] === true) throw new UsageError('--write gives pcapng, --json gives lines')
  return { ...(count === undefined ? {} : { count }), ...(milliseconds === undefined ? {} : { milliseconds }) }
}

async function openPoints(
  { options, environment, terminal }: Invocation,
  words: readonly string[],
  opened: Namespace[],
): Promise<CapturePointOptions[]> {
  const graph = await takeGraph({ environment })
  const given = oneText(options['filter'])
  const { targets, filter: rest } = targetsAndFilter(words, (word) => {
    try {
      resolveTarget(word, graph)
      return true
    } catch (error) {
      if (error instanceof TargetAmbiguousError) return true
      if (error instanceof TargetUnknownError) return false
      throw error
    }
  })
  if (given !== undefined && rest !== undefined)
    throw new UsageError(`there are two filters: ${printable(given)} and ${printable(rest)}`)
  const filter = given ?? rest
  const interfaces = texts(options['interface'])
  const snapLength = readCount('--snaplen', options['snaplen'], 1, 0x7fffffff)
  const ringBytes = readSize('--buffer', options['buffer'])
  const promiscuous = options['promiscuous'] === true
  if (promiscuous && interfaces.length === 0) throw new UsageError('--promiscuous needs --interface')
  return targets.flatMap((word) => {
    const target = namedTarget(word, graph, terminal)
    const namespace = openTarget(target)
    opened.push(namespace)
    const place = {
      namespace,
      label: printable(target.label, 80),
      promiscuous,
      ...(filter === undefined ? {} : { filter }),
      ...(snapLength === undefined ? {} : { snapLength }),
      ...(ringBytes === undefined ? {} : { ringBytes }),
    }
    return interfaces.length === 0 ? [place] : interfaces.map((name) => ({ ...place, interface: name }))
  })
}

async function captureAt(
  invocation: Invocation,
  points: readonly CapturePointOptions[],
  limits: Limits,
): Promise<ExitCode> {
  const { options, terminal, signal } = invocation
  const opened = (): void => terminal.remark(`netwright capture: capturing at ${points.map(placeText).join(', ')}`)
  const request = { ...limits, points, signal, opened }
  const write = oneText(options['write'])
  if (write !== undefined) return captureToFile(invocation, request, write)
  const sink = new LineSink({
    sources: points.length,
    json: options['json'] === true,
    places: points.length > 1 || points[0]?.interface === undefined,
    print: (lines) => terminal.answer(lines),
  })
  return tell(invocation, await capture(request, sink), [])
}

function placeText({ label, interface: name }: CapturePointOptions): string {
  return name === undefined ? label : `${label}/${printable(name, 20)}`
}

async function captureToFile(invocation: Invocation, request: CaptureRequest, write: string): Promise<ExitCode> {
  const { options, terminal } = invocation
  if (write === '-' && terminal.interactive)
    throw new UsageError('standard output is a terminal: pipe it into a program, or name a file')
  const snapLength = readCount('--snaplen', options['snaplen'], 1, 0x7fffffff)
  const maxSize = readSize('--max-size', options['maxSize'])
  const maxFiles = readCount('--max-files', options['maxFiles'])
  const filter = request.points[0]?.filter
  const places = request.points.map(placeText).join(' ')
  const sink = new FileSink({
    to: write === '-' ? STDOUT : write,
    sources: request.points.length,
    application: `Netwright ${version()}`,
    comment: `netwright capture ${places}${filter === undefined ? '' : ` ${filter}`}`,
    ...(filter === undefined ? {} : { filter }),
    ...(snapLength === undefined ? {} : { snapLength }),
    ...(maxSize === undefined ? {} : { maxSize }),
    ...(maxFiles === undefined ? {} : { maxFiles }),
  })
  const opened = (): void => {
    sink.open()
    request.opened?.()
  }
  try {
    const summary = await capture({ ...request, opened }, sink)
    sink.finish(summary.places)
    return tell(invocation, summary, sink.files)
  } catch (error) {
    // Whoever read our standard output has seen enough.
    if (hasCode(error, 'EPIPE')) return ExitCode.done
    throw error
  } finally {
    sink.close()
  }
}

/** What was captured and what was lost, on standard error, as tcpdump does. */
function tell({ terminal }: Invocation, { packets, places }: CaptureSummary, files: readonly string[]): ExitCode {
  const dropped = places.reduce((sum, place) => sum + place.dropped, 0)
  const into = files.length === 0 ? '' : ` in ${files.map((file) => printable(file)).join(', ')}`
  terminal.remark(`netwright capture: ${packets} packets${into}`)
  if (dropped === 0) return ExitCode.done
  const where = places.filter((place) => place.dropped > 0).map((place) => `${place.dropped} at ${place.place}`)
  terminal.remark(`netwright capture: lost ${where.join(', ')}: a filter, --snaplen or a larger --buffer helps`)
  return ExitCode.wrong
}
