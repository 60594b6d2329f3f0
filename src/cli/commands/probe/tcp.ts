/** `netwright probe tcp FROM TO PORT` */
import { type Connection, connect, type OpenConnection, readBanner, tryConnect } from '../../../probe/index.ts'
import { ExitCode, type Invocation } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { painter } from '../../frame/terminal.ts'
import { type Destination, resolveDestination, wantedFamily } from './destination.ts'
import { objectionText } from './objection-text.ts'
import { openOrigin, originView } from './origin.ts'
import { milliseconds, portOf, timeOption, timeText } from './quantities.ts'

/** Milliseconds for a server to say something by itself. */
const BANNER_PATIENCE = 1000

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { arguments: words, options, terminal, signal } = invocation
  const port = portOf(words['PORT'], 'PORT')
  const timeout = timeOption(invocation, 'timeout', { usual: 3000, least: 1, most: 130_000 })
  const family = wantedFamily(invocation)
  using origin = await openOrigin(invocation)
  const destination = await resolveDestination(origin, String(words['TO']), family, signal)
  const init = { namespace: origin.namespace, address: destination.address, port, timeout, signal }
  const wantsBanner = options['banner'] === true
  const { descriptor, ...connection }: OpenConnection = wantsBanner
    ? await connect(init)
    : { ...(await tryConnect(init)), descriptor: undefined }
  const banner = descriptor === undefined ? null : await readBanner(descriptor, BANNER_PATIENCE, signal)
  if (options['json'] === true) {
    const document = {
      schema: 'netwright/tcp/v1',
      from: originView(origin),
      to: destination.label,
      ...connection,
      banner,
    }
    await answerDocument(terminal, document)
  } else {
    const style = connection.outcome === 'connected' ? 'green' : 'red'
    const said = banner === null ? '' : `\n${printable(banner)}`
    const text = `${printable(endText(destination, connection))}: ${painter(terminal)(style, connectionText(connection, timeout))}`
    await terminal.answer(`${text}${said}\n`)
  }
  return connection.outcome === 'connected' ? ExitCode.done : ExitCode.wrong
}

function endText({ label }: Destination, { address, port }: Connection): string {
  const end = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
  return label === address ? end : `${label} (${end})`
}

/** How an attempt ended, in words. @param timeout milliseconds that it was given */
export function connectionText(
  { outcome, reason, objection, milliseconds: spent }: Connection,
  timeout: number,
): string {
  const by = objection === null ? '' : `: ${printable(objectionText(objection))}`
  const after = `in ${milliseconds(spent)} ms`
  switch (outcome) {
    case 'connected':
      return `connected ${after}`
    case 'refused':
      return objection === null ? `refused ${after}: nothing listens there, or a rule resets` : `refused ${after}${by}`
    case 'timeout':
      return `no answer within ${timeText(timeout)}${by}: something drops the packets, or their answers`
    case 'unreachable':
      return `unreachable (${reason}) ${after}${by}`
    case 'denied':
      return `not let through (${reason}) ${after}${by === '' ? ': a rule or route of this namespace forbids it' : by}`
    case 'interrupted':
      return 'interrupted'
    case 'failed':
      return `failed (${reason}) ${after}${by}`
  }
}
