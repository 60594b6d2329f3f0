/**
 * CNI calls by way of the daemon: one line of JSON each way on a unix socket, and the connection is over. Not HTTP, whose client
 * takes Node longer to load than the call takes.
 */
import { createConnection, type Socket } from 'node:net'
import type { CniAnswer } from './execute.ts'
import type { CniCall } from './invocation.ts'

const LARGEST_CALL = 1 << 20

/** Has the daemon carry out a call. @returns undefined when no daemon answers there */
export function askDaemon(socketPath: string, call: CniCall): Promise<CniAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: socketPath, allowHalfOpen: true })
    let connected = false
    socket.once('connect', () => {
      connected = true
      socket.end(JSON.stringify(call))
      readToEnd(socket)
        .then((text) => resolve(JSON.parse(text ?? '') as CniAnswer))
        .catch(reject)
    })
    socket.once('error', (error) => {
      if (connected) reject(error)
      else resolve(undefined)
    })
  })
}

/** Everything until the other side ends; undefined when it is too much. */
export async function readToEnd(socket: Socket): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > LARGEST_CALL) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
