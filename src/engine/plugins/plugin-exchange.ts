/**
 * One request to a plugin and its answer: HTTP/1.1 over a unix socket or TCP. node:http is loaded with the first request,
 * since it costs 7 ms that a controller without plugins need not pay.
 */
import type { IncomingMessage, RequestOptions } from 'node:http'
import type { PluginAddress } from './plugin-address.ts'

/** Limits of a request. */
export interface ExchangeLimits {
  /** From the first byte sent to the last received. */
  readonly milliseconds: number
  /** Of the answer. */
  readonly bytes: number
}

/** What a plugin answered. */
export interface ExchangeAnswer {
  readonly status: number
  readonly body: string
}

/** Media type of the protocol's version, which dockerd sends as the one that it accepts. */
const MEDIA_TYPE = 'application/vnd.docker.plugins.v1.2+json'
/** The name that dockerd gives to what is behind a unix socket; HTTP/1.1 demands one. */
const SOCKET_HOST = 'plugin.moby.localhost'

/** No answer came: nobody listens, or the other side hung up before its first line. The same call may be made again. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
}

/** What came is no answer: it is too large, too late, cut off, or no HTTP. The message is a clause. */
export class BadAnswerError extends Error {
  override readonly name = 'BadAnswerError'
}

/**
 * Posts `body` to a path. As dockerd does, no Content-Type is sent.
 * @throws NoAnswerError, BadAnswerError
 */
export async function exchange(
  address: PluginAddress,
  path: string,
  body: string,
  limits: ExchangeLimits,
  signal: AbortSignal,
): Promise<ExchangeAnswer> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), limits.milliseconds)
  const either = AbortSignal.any([signal, deadline.signal])
  try {
    const response = await send(address, path, body, either)
    return { status: response.statusCode ?? 0, body: await read(response, limits.bytes) }
  } catch (error) {
    if (deadline.signal.aborted) throw new BadAnswerError(`did not answer within ${limits.milliseconds / 1000} s`)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

async function send(address: PluginAddress, path: string, body: string, signal: AbortSignal): Promise<IncomingMessage> {
  const secure = 'tls' in address && address.tls !== null
  const { request: open } = await (secure ? import('node:https') : import('node:http'))
  return new Promise((resolve, reject) => {
    const request = open({ ...optionsFor(address), path, signal, headers: headersFor(address, body) }, resolve)
    request.on('error', (error) => reject(asOurs(error, signal)))
    request.end(body)
  })
}

function headersFor(address: PluginAddress, body: string): Record<string, string> {
  return {
    ...('socketPath' in address ? { host: SOCKET_HOST } : {}),
    accept: MEDIA_TYPE,
    'content-length': String(Buffer.byteLength(body)),
  }
}

function optionsFor(address: PluginAddress): RequestOptions {
  // A connection of its own for each call: a plugin that closes idle ones would do so just when the next call is sent.
  const common: RequestOptions = { method: 'POST', agent: false }
  if ('socketPath' in address) return { ...common, socketPath: address.socketPath }
  const { host, port, tls } = address
  if (tls === null) return { ...common, host, port }
  const { verify, ...files } = tls
  return { ...common, host, port, ...files, rejectUnauthorized: verify } as RequestOptions
}

async function read(response: IncomingMessage, most: number): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length
      // Leaving the loop destroys the response and its socket.
      if (length > most) throw new BadAnswerError(`answered with more than ${most} bytes`)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof BadAnswerError) throw error
    throw new BadAnswerError('hung up in the middle of its answer')
  }
  return Buffer.concat(chunks, length).toString('utf8')
}

function asOurs(error: Error & { code?: string }, signal: AbortSignal): Error {
  if (signal.aborted) return error
  const code = error.code ?? ''
  if (code.startsWith('HPE_')) return new BadAnswerError('answered with something that is not HTTP')
  // A certificate does not become right by asking again, nor does a plain listener begin to speak TLS (EPROTO).
  if (/CERT|TLS|SSL|UNABLE_TO|^EPROTO$/.test(code)) {
    return new BadAnswerError(`could not agree on TLS: ${error.message}`)
  }
  return new NoAnswerError(error.message, { cause: error })
}
