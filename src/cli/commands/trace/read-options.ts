/** The options of `netwright trace`, understood. */
import { isIP } from 'node:net'
import type { TraceQuestion } from '../../../diagnose/index.ts'
import { type Invocation, UsageError } from '../../command.ts'

type Options = Invocation['options']

/** What is asked about the flow, apart from its ends. */
export function readFlowOptions(options: Options): Omit<TraceQuestion, 'from' | 'to'> {
  const chosen = ['icmp', 'tcp', 'udp'].filter((name) => options[name] !== undefined)
  if (chosen.length > 1) throw new UsageError(`--${chosen[0]} and --${chosen[1]} exclude each other`)
  if (options['ipv4'] === true && options['ipv6'] === true) throw new UsageError('-4 and -6 exclude each other')
  const protocol = chosen[0] === 'tcp' || chosen[0] === 'udp' ? chosen[0] : 'icmp'
  const source = textOf(options, 'source')
  const family = familyOf(options, source)
  const port = protocol === 'icmp' ? undefined : numberOf(options, protocol, 1, 65_535)
  const sourcePort = numberOf(options, 'sourcePort', 1, 65_535)
  const size = numberOf(options, 'size', 0, 65_000)
  return {
    protocol,
    ...(family === undefined ? {} : { family }),
    ...(source === undefined ? {} : { source }),
    ...(port === undefined ? {} : { port }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(size === undefined ? {} : { size }),
  }
}

/** The family that is asked for; that of the source address, when one is given. */
function familyOf(options: Options, source: string | undefined): TraceQuestion['family'] {
  const asked = options['ipv4'] === true ? 4 : options['ipv6'] === true ? 6 : undefined
  const given = source === undefined ? undefined : isIP(source)
  if (given === 0) throw new UsageError(`--source takes an address, not ${source}`)
  if (given !== undefined && asked !== undefined && given !== asked) {
    throw new UsageError(`--source ${source} is no address of IPv${asked}`)
  }
  const family = asked ?? given
  return family === undefined ? undefined : family === 6 ? 'ipv6' : 'ipv4'
}

/** How packets are sent. */
export interface SendingOptions {
  readonly count?: number
  /** Milliseconds. */
  readonly timeout?: number
  /** Send nothing. */
  readonly predictOnly: boolean
  /** Changes to suppose. */
  readonly supposed: readonly string[]
}

/** How packets are to be sent. */
export function readSendingOptions(options: Options): SendingOptions {
  const count = numberOf(options, 'count', 1, 30)
  const seconds = secondsOf(options)
  const given = options['whatIf']
  const supposed = Array.isArray(given) ? (given as readonly string[]) : []
  return {
    predictOnly: options['predict'] === true || supposed.length > 0,
    supposed,
    ...(count === undefined ? {} : { count }),
    ...(seconds === undefined ? {} : { timeout: seconds * 1000 }),
  }
}

/** What `--expect` says. */
export function readExpected(options: Options): 'delivered' | 'dropped' | undefined {
  const expected = options['expect']
  return expected === 'delivered' || expected === 'dropped' ? expected : undefined
}

function textOf(options: Options, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

const written: Readonly<Record<string, string>> = { sourcePort: '--source-port' }

function numberOf(options: Options, name: string, least: number, most: number): number | undefined {
  const text = textOf(options, name)
  if (text === undefined) return undefined
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number >= least && number <= most) return number
  throw new UsageError(`${written[name] ?? `--${name}`} takes a number from ${least} to ${most}, not ${text}`)
}

const LONGEST_WAIT = 10

function secondsOf(options: Options): number | undefined {
  const text = textOf(options, 'timeout')
  if (text === undefined) return undefined
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (seconds > 0 && seconds <= LONGEST_WAIT) return seconds
  throw new UsageError(`--timeout takes seconds, at most ${LONGEST_WAIT}, not ${text}`)
}
