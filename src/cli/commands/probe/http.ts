/** `netwright probe http FROM URL` */
import { readFileSync } from 'node:fs'
import { type Fetch, type FetchInit, fetchUrl } from '../../../probe/index.ts'
import { CannotError, ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { table } from '../../frame/table.ts'
import { painter } from '../../frame/terminal.ts'
import { resolveDestination, wantedFamily } from './destination.ts'
import { openOrigin, originView } from './origin.ts'
import { milliseconds, timeOption, timeText } from './quantities.ts'
import { connectionText } from './tcp.ts'

/** From here on a status says that something is wrong (RFC 9110 §15.5). */
const WRONG_STATUS = 400

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { arguments: words, options, terminal, signal } = invocation
  const url = readUrl(String(words['URL']))
  const timeout = timeOption(invocation, 'timeout', { usual: 10_000, least: 1, most: 600_000 })
  const request = { ...readRequest(options), url, timeout, signal }
  const family = wantedFamily(invocation)
  using origin = await openOrigin(invocation)
  const to = options['to'] === undefined ? url.hostname.replace(/^\[|\]$/g, '') : String(options['to'])
  const started = performance.now()
  const { address, lookUp } = await resolveDestination(origin, to, family, signal)
  const name = lookUp === null ? null : performance.now() - started
  const fetch = await fetchUrl({ namespace: origin.namespace, address, ...request })
  const phases = { name, ...fetch.phases, total: fetch.phases.total + (name ?? 0) }
  if (options['json'] === true) {
    const document = { schema: 'netwright/http/v1', from: originView(origin), url: url.href, to, ...fetch, phases }
    await answerDocument(terminal, document)
  } else {
    const paint = painter(terminal)
    const style = isWell(fetch) ? 'green' : 'red'
    const lines = [
      `${printable(url.href, 1000)} at ${printable(address)}: ${paint(style, outcomeText(fetch, timeout))}`,
      ...certificateLines(fetch),
    ]
    await terminal.answer(`${lines.join('\n')}\n${phaseTable(phases)}`)
  }
  return isWell(fetch) ? ExitCode.done : ExitCode.wrong
}

function isWell({ outcome, status }: Fetch): boolean {
  return outcome === 'answered' && status !== null && status < WRONG_STATUS
}

function readUrl(text: string): URL {
  const full = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(full) ? new URL(full) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    throw new UsageError(`${JSON.stringify(text.slice(0, 200))} is no URL of http or https`)
  }
  return url
}

function readRequest(
  options: Invocation['options'],
): Pick<FetchInit, 'method' | 'headers' | 'insecure' | 'authorities'> {
  const headers = ((options['header'] as readonly string[] | undefined) ?? []).map(readHeader)
  const file = options['ca']
  return {
    method: typeof options['method'] === 'string' ? options['method'] : 'GET',
    headers,
    insecure: options['insecure'] === true,
    ...(typeof file === 'string' ? { authorities: readAuthorities(file) } : {}),
  }
}

function readHeader(text: string): readonly [string, string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*([\x20-\x7e\t]*)$/.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new UsageError(`${JSON.stringify(text.slice(0, 100))} is no header: write NAME: VALUE`)
  return [name, value]
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new CannotError(`the certificate authorities in ${path} cannot be read: ${(error as Error).message}`)
  }
}

function outcomeText(
  { outcome, reason, status, statusText, httpVersion, bytes, cut, connection }: Fetch,
  timeout: number,
): string {
  const why = reason === null ? '' : `: ${printable(reason)}`
  switch (outcome) {
    case 'answered':
      return `HTTP/${httpVersion} ${status} ${printable(statusText ?? '', 80)}, ${bytes} bytes${cut ? ', and more' : ''}`
    case 'not-connected':
      return connectionText(connection, timeout)
    case 'tls-failed':
      return `TLS failed${why}`
    case 'not-trusted':
      return `the certificate is not to be trusted${why}; --insecure asks nevertheless`
    case 'no-answer':
      return `no answer${why}`
    case 'timeout':
      return `not done within ${timeText(timeout)}`
    case 'interrupted':
      return 'interrupted'
  }
}

function certificateLines({ certificate, tlsProtocol }: Fetch): string[] {
  if (certificate === null) return []
  const { subject, issuer, validTo, trusted } = certificate
  const judged = trusted ? 'trusted' : 'not trusted'
  return [
    `${tlsProtocol}, certificate of ${printable(subject)} by ${printable(issuer)}, valid to ${printable(validTo)}, ${judged}`,
  ]
}

function phaseTable({
  name,
  connect,
  tls,
  firstByte,
  body,
  total,
}: Fetch['phases'] & { readonly name: number | null }): string {
  const phases: readonly (readonly [string, number | null])[] = [
    ['name', name],
    ['connect', connect],
    ['TLS', tls],
    ['first byte', firstByte],
    ['rest', body],
    ['total', total],
  ]
  const rows = phases.flatMap(([phase, spent]) => (spent === null ? [] : [[phase, `${milliseconds(spent)} ms`]]))
  return table(rows, { indent: 2, right: [1] })
}
