/** Sockets as people read them. */
import type { InspectedSocket } from '../../../host/index.ts'
import { printable } from '../../frame/escape.ts'
import { table } from '../../frame/table.ts'

/** Sockets that a page has room for; the JSON document has all. */
const MOST_SOCKETS = 60
/** Processes that a line has room for. */
const MOST_PROCESSES = 3

/** Listeners first, each socket with the processes that hold it. */
export function socketsText(sockets: readonly InspectedSocket[]): string {
  const rows = sockets
    .slice(0, MOST_SOCKETS)
    .map((socket) => [
      socket.protocol,
      socket.state,
      place(socket.local, socket.interface),
      place(socket.remote, null),
      queues(socket),
      processes(socket),
    ])
  const rest = sockets.length - rows.length
  return table(rows, { indent: 2 }) + (rest > 0 ? `  and ${rest} more\n` : '')
}

function place(end: InspectedSocket['local'], boundTo: string | null): string {
  const suffix = boundTo === null ? '' : `%${printable(boundTo)}`
  if (end === null) return boundTo === null ? '*' : printable(boundTo)
  const address = end.address.includes(':') ? `[${end.address}]` : end.address
  return `${address}${suffix}:${end.port === 0 ? '*' : end.port}`
}

/** Queues are worth a word only when something waits in them; a listener's send queue is its limit. */
function queues({ state, receiveQueue, sendQueue }: InspectedSocket): string {
  const waiting = [
    ...(receiveQueue === 0 ? [] : [`${receiveQueue} to read`]),
    ...(sendQueue === 0 || state === 'LISTEN' ? [] : [`${sendQueue} to send`]),
  ]
  return waiting.join(', ')
}

function processes({ processes: holders }: InspectedSocket): string {
  const unique = [...new Map(holders.map((holder) => [holder.pid, holder])).values()]
  const words = unique.slice(0, MOST_PROCESSES).map((holder) => `${printable(holder.command)} (${holder.pid})`)
  if (unique.length > words.length) words.push(`+${unique.length - words.length}`)
  return words.join(', ')
}
