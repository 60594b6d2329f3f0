/** A daemon behind a unix socket that answers as a test tells it to: for what no real daemon does on request. */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What to do with a request for a path: nothing said means that it never answers. */
export type Reaction = (path: string, socket: Socket) => void

/** A fake daemon. Stop it. */
export interface FakeDaemon {
  readonly path: string
  /** Paths that were asked for. */
  readonly requests: readonly string[]
  /** Connections that are open now. */
  connections(): number
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts one. */
export async function startFakeDaemon(react: Reaction): Promise<FakeDaemon> {
  const directory = mkdtempSync(join(tmpdir(), 'nwt-fake-'))
  const path = join(directory, 'docker.sock')
  const sockets = new Set<Socket>()
  const requests: string[] = []
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      for (const [, asked] of bytes.toString('latin1').matchAll(/^GET (\S+) HTTP/gm)) {
        requests.push(asked ?? '')
        react(asked ?? '', socket)
      }
    })
  })
  server.listen(path)
  await once(server, 'listening')
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
    rmSync(directory, { recursive: true, force: true })
  }
  return { path, requests, connections: () => sockets.size, stop, [Symbol.asyncDispose]: stop }
}

/** Answers every path with a document of `documents`, others with 404. */
export function answering(documents: Readonly<Record<string, unknown>>): Reaction {
  return (path, socket) => {
    const known = Object.hasOwn(documents, path)
    const body = Buffer.from(JSON.stringify(known ? documents[path] : { message: 'no such thing' }))
    socket.write(`HTTP/1.1 ${known ? '200 OK' : '404 Not Found'}\r\nContent-Length: ${body.length}\r\n\r\n`)
    socket.write(body)
  }
}
