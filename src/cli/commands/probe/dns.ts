/** `netwright probe dns FROM NAME` */
import { isIP } from 'node:net'
import { type LookUp, type LookUpStep, lookUp, type RecordType, recordText } from '../../../probe/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { table } from '../../frame/table.ts'
import { type Paint, painter } from '../../frame/terminal.ts'
import { openOrigin, originView } from './origin.ts'
import { countOption, milliseconds, portOf, timeOption } from './quantities.ts'

/** Servers that may be given. */
const MOST_SERVERS = 8
/** Records that are shown to people. */
const MOST_SHOWN = 100
/** Longest text of a record that is shown. */
const LONGEST_TEXT = 1000

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { arguments: words, options, terminal, signal } = invocation
  const name = String(words['NAME'])
  const settings = readSettings(invocation, name)
  using origin = await openOrigin(invocation)
  const files = options['server'] === undefined ? origin.files : { ...origin.files, source: 'the command line' }
  const found = await look({ namespace: origin.namespace, name, files, ...settings, signal })
  if (options['json'] === true)
    await answerDocument(terminal, { schema: 'netwright/dns/v1', from: originView(origin), ...found })
  else await terminal.answer(lookUpText(found, painter(terminal)))
  return found.status === 'found' ? ExitCode.done : ExitCode.wrong
}

async function look(init: Parameters<typeof lookUp>[0]): Promise<LookUp> {
  try {
    return await lookUp(init)
  } catch (error) {
    if (error instanceof RangeError)
      throw new UsageError(`${JSON.stringify(init.name.slice(0, 100))} is no domain name`)
    throw error
  }
}

function readSettings(invocation: Invocation, name: string) {
  const { options } = invocation
  const servers = options['server'] as readonly string[] | undefined
  const types = options['type'] as readonly RecordType[] | undefined
  for (const server of servers ?? []) {
    if (isIP(server.split('%')[0]!) === 0)
      throw new UsageError(`--server takes an address, not ${JSON.stringify(server.slice(0, 60))}`)
  }
  if ((servers?.length ?? 0) > MOST_SERVERS) throw new UsageError(`${MOST_SERVERS} servers are the most`)
  const backwards = types === undefined && isIP(name) !== 0
  return {
    ...(types !== undefined ? { types } : backwards ? { types: ['PTR'] as const } : {}),
    ...(servers === undefined ? {} : { servers }),
    ...(options['port'] === undefined ? {} : { port: portOf(options['port'], '--port') }),
    ...(options['tcp'] === true ? { tcp: true } : {}),
    ...(options['edns'] === undefined
      ? {}
      : { udpSize: countOption(invocation, 'edns', { usual: 1232, least: 512, most: 65_535 }) }),
    ...(options['timeout'] === undefined
      ? {}
      : { milliseconds: timeOption(invocation, 'timeout', { usual: 5000, least: 1, most: 60_000 }) }),
    ...(options['attempts'] === undefined
      ? {}
      : { attempts: countOption(invocation, 'attempts', { usual: 2, least: 1, most: 10 }) }),
  }
}

const verdicts: Readonly<Record<LookUp['status'], string>> = {
  found: 'found',
  'no-data': 'the name exists, and has no such record',
  'name-unknown': 'there is no such name',
  'server-failure': 'the servers could not say',
  refused: 'nothing listens at the servers',
  'no-answer': 'no server answers',
  interrupted: 'interrupted',
}

function lookUpText(found: LookUp, paint: Paint): string {
  const { configuration, source, steps, status, answeredBy, foundAs, records, addresses } = found
  const search = configuration.search.length === 0 ? '' : `, search ${configuration.search.join(' ')}`
  const resolver = `resolver of ${source}: ${configuration.nameservers.join(', ')}${search}, ndots ${configuration.ndots}`
  const ignored = configuration.ignored.length === 0 ? [] : [`passed over: ${configuration.ignored.join(', ')}`]
  const rows = steps.map((step) => [...stepCells(step, paint), `${milliseconds(step.milliseconds)} ms`])
  const by = answeredBy === null ? '' : ` by ${answeredBy === 'hosts' ? 'the hosts file' : answeredBy}`
  const as = foundAs === null || foundAs === found.name ? '' : ` as ${foundAs}`
  const verdict = `${found.name}: ${verdicts[status]}${as}${by} in ${milliseconds(found.milliseconds)} ms`
  const lines = records.length > 0 ? records.map(recordLine) : addresses.map((address) => `  ${printable(address)}`)
  const shown =
    lines.length > MOST_SHOWN ? [...lines.slice(0, MOST_SHOWN), `  and ${lines.length - MOST_SHOWN} more`] : lines
  const head = [resolver, ...ignored].map((line) => printable(line, LONGEST_TEXT))
  const body = [paint(status === 'found' ? 'green' : 'red', printable(verdict, LONGEST_TEXT)), ...shown]
  return `${head.join('\n')}\n${table(rows, { indent: 2 })}${body.join('\n')}\n`
}

function recordLine({ name, timeToLive, data }: LookUp['records'][number]): string {
  const type = data.type === 'other' ? `TYPE${data.number}` : data.type
  return `  ${printable(name)}  ${timeToLive}  ${type}  ${printable(recordText(data), LONGEST_TEXT)}`
}

function stepCells(step: LookUpStep, paint: Paint): string[] {
  if (step.kind === 'hosts') {
    const what = step.found.length === 0 ? 'nothing' : `${step.found.length} found`
    return ['hosts', printable(step.name), '', what]
  }
  const where = `${step.server}${step.transport === 'tcp' ? ' over TCP' : ''}`
  const style = step.means === 'found' ? 'green' : step.means === 'truncated' ? 'yellow' : 'red'
  return [printable(where), printable(step.name), step.type, paint(style, stepText(step))]
}

function stepText({ outcome, means, rcode, reason, records }: Extract<LookUpStep, { kind: 'query' }>): string {
  if (means === 'truncated') return 'cut short'
  if (outcome === 'answered')
    return means === 'found'
      ? records.length === 1
        ? '1 record'
        : `${records.length} records`
      : means === 'no-data'
        ? 'no such record'
        : `${rcode}`
  return reason === null ? outcome : `${outcome} (${reason})`
}
