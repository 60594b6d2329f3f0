/** `netwright probe udp FROM TO PORT` */
import { type DatagramProbe, sendDatagram } from '../../../probe/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { painter } from '../../frame/terminal.ts'
import { resolveDestination, wantedFamily } from './destination.ts'
import { objectionText } from './objection-text.ts'
import { openOrigin, originView } from './origin.ts'
import { countOption, milliseconds, portOf, timeOption, timeText } from './quantities.ts'

/** Bytes that go into a datagram over IPv4. */
const LONGEST_PAYLOAD = 65_507
/** Bytes of an answer that are shown. */
const SHOWN_BYTES = 200

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { arguments: words, options, terminal, signal } = invocation
  const port = portOf(words['PORT'], 'PORT')
  const payload = readPayload(options)
  const timeout = timeOption(invocation, 'timeout', { usual: 2000, least: 1, most: 60_000 })
  const attempts = countOption(invocation, 'attempts', { usual: 2, least: 1, most: 100 })
  const family = wantedFamily(invocation)
  using origin = await openOrigin(invocation)
  const { label, address } = await resolveDestination(origin, String(words['TO']), family, signal)
  const probe = await sendDatagram({ namespace: origin.namespace, address, port, payload, timeout, attempts, signal })
  if (options['json'] === true) {
    const { answer, ...rest } = probe
    const shown = answer === null ? null : { bytes: answer.length, hex: answer.toString('hex') }
    const document = { schema: 'netwright/udp/v1', from: originView(origin), to: label, ...rest, answer: shown }
    await answerDocument(terminal, document)
  } else {
    const end = probe.address.includes(':') ? `[${probe.address}]:${port}` : `${probe.address}:${port}`
    const shown = printable(label === probe.address ? end : `${label} (${end})`)
    const style = probe.outcome === 'answered' ? 'green' : probe.outcome === 'silent' ? 'yellow' : 'red'
    await terminal.answer(`${shown}: ${painter(terminal)(style, datagramText(probe, timeout))}\n`)
  }
  return probe.outcome === 'answered' ? ExitCode.done : ExitCode.wrong
}

function readPayload(options: Invocation['options']): Buffer {
  const { payload, hex } = options
  if (typeof payload === 'string' && typeof hex === 'string')
    throw new UsageError('--payload and --hex exclude each other')
  if (typeof hex === 'string' && !/^([0-9a-f]{2})*$/i.test(hex)) {
    throw new UsageError('--hex takes an even number of hexadecimal digits')
  }
  const bytes =
    typeof hex === 'string' ? Buffer.from(hex, 'hex') : Buffer.from(typeof payload === 'string' ? payload : '')
  if (bytes.length > LONGEST_PAYLOAD)
    throw new UsageError(`a datagram takes ${LONGEST_PAYLOAD} bytes, not ${bytes.length}`)
  return bytes
}

function datagramText(probe: DatagramProbe, timeout: number): string {
  const { outcome, reason, objection, answer, sent } = probe
  const after = `in ${milliseconds(probe.milliseconds)} ms`
  const by = objection === null ? '' : `: ${printable(objectionText(objection))}`
  switch (outcome) {
    case 'answered':
      return `answered ${after}, ${answer!.length} bytes: ${printable(answer!.toString('utf8'), SHOWN_BYTES)}`
    case 'refused':
      return `refused ${after}${by === '' ? ': nothing listens there' : by}`
    case 'unreachable':
      return `unreachable${reason === null ? '' : ` (${reason})`}${by}`
    case 'denied':
      return `not let through (${reason})${by === '' ? ': a rule or route of this namespace forbids it' : by}`
    case 'silent':
      return `silence within ${timeText(timeout)} after ${sent} datagrams${by}: it may have arrived`
    case 'interrupted':
      return 'interrupted'
  }
}
