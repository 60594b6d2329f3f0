/** `netwright probe scan FROM WHAT` */
import { isIP } from 'node:net'
import { type PortScan, parseAddresses, parsePorts, type Sweep, scanPorts, sweep } from '../../../probe/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { painter } from '../../frame/terminal.ts'
import { resolveDestination, wantedFamily } from './destination.ts'
import { type Origin, openOrigin, originView, withoutRight } from './origin.ts'
import { countOption, timeOption } from './quantities.ts'
import { portScanLines, sweepLines } from './scan-text.ts'

/** Ports that are scanned when none are asked for. */
const USUAL_PORTS = '1-1024'

/** What was done. */
interface Done {
  readonly sweep: Sweep | null
  readonly scans: readonly PortScan[]
}

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { arguments: words, options, terminal } = invocation
  const what = String(words['WHAT'])
  const range = isIP(what.split('%')[0]!) === 0 ? ranged(() => parseAddresses(what)) : undefined
  const ports = options['ports'] === undefined && range !== undefined ? [] : readPorts(options['ports'])
  const settings = {
    timeout: timeOption(invocation, 'timeout', { usual: 1000, least: 1, most: 60_000 }),
    rate: countOption(invocation, 'rate', { usual: 100_000, least: 1, most: 1_000_000 }),
    method: options['connect'] === true ? 'connect' : 'half-open',
    signal: invocation.signal,
  } as const
  const family = wantedFamily(invocation)
  using origin = await openOrigin(invocation)
  const addresses = range ?? [(await resolveDestination(origin, what, family, invocation.signal)).address]
  try {
    const done = await scan(origin, addresses, range !== undefined, ports, settings)
    if (options['json'] === true) {
      await answerDocument(terminal, { schema: 'netwright/scan/v1', from: originView(origin), what, ...done })
    } else {
      const paint = painter(terminal)
      const all = options['all'] === true
      const swept = done.sweep === null ? [] : sweepLines(done.sweep, what)
      const lines = [...swept, ...done.scans.flatMap((one) => portScanLines(one, what, all, paint))]
      await terminal.answer(`${lines.map((line) => printable(line, 4000)).join('\n')}\n`)
    }
    return isDone(done) ? ExitCode.done : ExitCode.wrong
  } catch (error) {
    throw withoutRight(error)
  }
}

/** Everything could be asked. */
function isDone({ sweep: swept, scans }: Done): boolean {
  return Object.keys(swept?.refused ?? {}).length === 0 && scans.every(({ reason }) => reason === null)
}

type Settings = Pick<Parameters<typeof scanPorts>[0], 'timeout' | 'rate' | 'method' | 'signal'>

async function scan(
  { namespace }: Origin,
  addresses: readonly string[],
  isRange: boolean,
  ports: readonly number[],
  settings: Settings,
): Promise<Done> {
  const found = isRange ? await sweep({ namespace, addresses, ...settings }) : null
  const hosts = found === null ? addresses : found.hosts.map(({ address }) => address)
  const scans: PortScan[] = []
  // One after the other: each has its own time-out, and the rate is a bound for all.
  for (const address of ports.length === 0 ? [] : hosts) {
    if (settings.signal?.aborted === true) break
    scans.push(await scanPorts({ namespace, address, ports, ...settings }))
  }
  return { sweep: found, scans }
}

function readPorts(text: unknown): number[] {
  return ranged(() => parsePorts(typeof text === 'string' ? text : USUAL_PORTS))
}

function ranged<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message)
    throw error
  }
}
