/**
 * The transport of Docker's plugin protocol: HTTP POST of a JSON object to /<Interface>.<Method> on a unix socket, a JSON
 * object for an answer. What dockerd's client does that other clients do not: it names no Content-Type, and keeps idle
 * connections for as long as they stay open. It repeats a call whose connection broke, then possibly with an empty body.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { ZodError, type z } from 'zod'
import { claimSocket } from '../socket-file.ts'
import { whatIsWrong } from './messages.ts'

/** The daemon's log, as far as it is needed here; pino's loggers are such. */
export interface PluginLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** One method of a plugin protocol. */
export interface PluginMethod {
  /** Undefined for methods without arguments, whose body is not looked at. */
  readonly request: z.ZodType | undefined
  /** Field of the answer that says what went wrong. */
  readonly errorField: 'Err' | 'Error'
  handle(request: never): Promise<object>
}

/** Methods by name: `NetworkDriver.Join`. */
export type PluginMethods = ReadonlyMap<string, PluginMethod>

/** A server that answers; close it. */
export interface PluginServer {
  close(): Promise<void>
}

const MEDIA_TYPE = 'application/vnd.docker.plugins.v1.2+json'
const LARGEST_BODY = 1 << 20
const MOST_CONNECTIONS = 256
/** Milliseconds that a request may take to arrive. */
const ARRIVAL_MILLISECONDS = 30_000

/** Milliseconds that calls under way have to end when the server closes. */
const FAREWELL_MILLISECONDS = 2_000

/** Answers on a unix socket. @throws Error when somebody else answers there already */
export async function servePlugin(socketPath: string, methods: PluginMethods, log: PluginLog): Promise<PluginServer> {
  const server = createServer((request, response) => {
    answer(request, response, methods, log).catch((error) =>
      log.warn({ err: error }, 'a plugin answer could not be sent'),
    )
  })
  // Node would close idle connections after 5 s, just when dockerd may be sending its next call on one.
  server.keepAliveTimeout = 0
  server.headersTimeout = ARRIVAL_MILLISECONDS
  server.requestTimeout = ARRIVAL_MILLISECONDS
  server.maxConnections = MOST_CONNECTIONS
  const connections = trackConnections(server)
  const release = await claimSocket(socketPath, server)
  return {
    async close() {
      // First the file, so that nobody meets a socket that is about to close.
      release()
      const closed = once(server, 'close')
      server.close()
      server.closeIdleConnections()
      const timer = setTimeout(() => {
        for (const socket of connections) socket.destroy()
      }, FAREWELL_MILLISECONDS)
      await closed
      clearTimeout(timer)
    },
  }
}

function trackConnections(server: Server): Set<Socket> {
  const connections = new Set<Socket>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  return connections
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  methods: PluginMethods,
  log: PluginLog,
): Promise<void> {
  const name = (request.url ?? '').split('?', 1)[0]!.slice(1)
  const method = methods.get(name)
  if (request.method !== 'POST') return reply(response, 405, { Err: 'plugin methods are called by POST' })
  if (method === undefined) return reply(response, 404, { Err: 'netwright has no such plugin method' })
  const body = await readBody(request)
  if (body === undefined)
    return reply(response, 413, { [method.errorField]: `the request is larger than ${LARGEST_BODY} bytes` })
  try {
    const outcome = await method.handle(parse(method, name, body) as never)
    log.info({ method: name }, 'plugin call')
    reply(response, 200, outcome)
  } catch (error) {
    const sentence = error instanceof Error ? error.message : String(error)
    log.warn({ method: name, err: error }, `plugin call refused: ${sentence}`)
    reply(response, error instanceof MalformedRequest ? 400 : 200, { [method.errorField]: sentence })
  }
}

/** A request that is not what the protocol says. */
class MalformedRequest extends Error {}

function parse(method: PluginMethod, name: string, body: string): unknown {
  if (method.request === undefined) return undefined
  if (body.trim() === '') throw new MalformedRequest(`${name} came without its arguments`)
  try {
    return method.request.parse(JSON.parse(body))
  } catch (error) {
    if (error instanceof ZodError) throw new MalformedRequest(`${name}: ${whatIsWrong(error)}`)
    throw new MalformedRequest(`the arguments of ${name} are not JSON`)
  }
}

/** The body; undefined when it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= LARGEST_BODY) chunks.push(chunk)
    // What is too large is read to a point, so that the answer still gets through.
    else if (length > 8 * LARGEST_BODY) request.destroy()
  }
  return length > LARGEST_BODY ? undefined : Buffer.concat(chunks).toString('utf8')
}

function reply(response: ServerResponse, status: number, body: object): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, { 'Content-Type': MEDIA_TYPE, 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}
