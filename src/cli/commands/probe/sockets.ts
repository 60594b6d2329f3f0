/** `netwright probe sockets [TARGET]` */
import { isIP } from 'node:net'
import { openTarget, takeGraph } from '../../../host/index.ts'
import { type ListedSocket, listSockets, type SocketFilter } from '../../../probe/index.ts'
import { ExitCode, type Invocation, UsageError } from '../../command.ts'
import { printable } from '../../frame/escape.ts'
import { answerDocument } from '../../frame/json.ts'
import { table } from '../../frame/table.ts'
import { oneText } from '../engine/key-values.ts'
import { namedTarget } from '../ns/named-target.ts'
import { portOf } from './quantities.ts'
import { sizeText } from './throughput.ts'

/** Processes that a line has room for. */
const MOST_PROCESSES = 3

/** Runs the command. */
export async function run(invocation: Invocation): Promise<ExitCode> {
  const { arguments: words, options, environment, terminal } = invocation
  const filter = readFilter(options)
  const target = namedTarget(words['TARGET'] ?? 'host', await takeGraph({ environment }), terminal)
  using namespace = openTarget(target)
  const list = listSockets(namespace, target.label, filter)
  if (options['json'] === true) await answerDocument(terminal, list)
  else await terminal.answer(socketTable(list.sockets))
  for (const warning of list.warnings) terminal.remark(`netwright probe sockets: ${printable(warning, 500)}`)
  return ExitCode.done
}

function readFilter(options: Invocation['options']): SocketFilter {
  const protocols = (['tcp', 'udp'] as const).filter((protocol) => options[protocol] === true)
  if (options['listening'] === true && options['connected'] === true)
    throw new UsageError('--listening and --connected exclude each other')
  const address = oneText(options['address'])
  if (address !== undefined && isIP(address) === 0) throw new UsageError('--address takes an IP address')
  const process = oneText(options['process'])
  return {
    ...(protocols.length === 0 ? {} : { protocols }),
    listening: options['listening'] === true,
    connected: options['connected'] === true,
    ...(options['port'] === undefined ? {} : { port: portOf(options['port'], '--port') }),
    ...(address === undefined ? {} : { address }),
    ...(process === undefined ? {} : { process }),
  }
}

function socketTable(sockets: readonly ListedSocket[]): string {
  if (sockets.length === 0) return ''
  const rows = sockets.map((socket) => [
    socket.protocol,
    socket.state,
    place(socket.local),
    place(socket.remote),
    traffic(socket),
    processes(socket),
  ])
  return table(rows, { titles: ['PROTO', 'STATE', 'LOCAL', 'REMOTE', 'DATA', 'PROCESS'] })
}

function place({ address, port }: ListedSocket['local']): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port === 0 ? '*' : port}`
}

/** What a connection has carried, and what waits in the queues of any socket. */
function traffic({ tcp, state, receiveQueue, sendQueue }: ListedSocket): string {
  const words = [
    ...(tcp === null ? [] : [`in ${sizeText(tcp.bytesReceived)}, out ${sizeText(tcp.bytesSent)}`]),
    ...(receiveQueue === 0 ? [] : [`${receiveQueue} to ${state === 'LISTEN' ? 'accept' : 'read'}`]),
    ...(sendQueue === 0 || state === 'LISTEN' ? [] : [`${sendQueue} to send`]),
  ]
  return words.join(', ')
}

function processes({ processes: holders }: ListedSocket): string {
  const words = holders.slice(0, MOST_PROCESSES).map(({ pid, command }) => `${printable(command)} (${pid})`)
  if (holders.length > words.length) words.push(`+${holders.length - words.length}`)
  return words.join(', ')
}
