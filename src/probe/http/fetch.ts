/**
 * One request over HTTP or HTTPS from within a namespace, timed by phases. The socket is opened in the namespace and handed
 * to Node's client, which does the rest.
 */
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { isIP, Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import type { NamespaceHandle } from '../../kernel/index.ts'
import { type Connection, connect } from '../tcp/connect.ts'

/** What to ask for. */
export interface FetchInit {
  readonly namespace: NamespaceHandle
  readonly url: URL
  /** Address that the name in the URL stands for. */
  readonly address: string
  readonly method: string
  /** Names and values. */
  readonly headers: readonly (readonly [string, string])[]
  /** Go on also when the certificate is not to be trusted. */
  readonly insecure: boolean
  /** Certificate authorities to trust instead of Node's, PEM. */
  readonly authorities?: string
  /** Milliseconds for all of it. */
  readonly timeout: number
  readonly signal?: AbortSignal
}

/** How it ended. */
export type FetchOutcome =
  | 'answered'
  /** See `connection` for how. */
  | 'not-connected'
  /** TLS could not be agreed on: see the reason. */
  | 'tls-failed'
  /** The certificate is not to be trusted: see the reason. Nothing was asked. */
  | 'not-trusted'
  /** The connection ended before there was an answer, or that was none: see the reason. */
  | 'no-answer'
  | 'timeout'
  | 'interrupted'

/** A server's certificate. */
export interface Certificate {
  readonly subject: string
  readonly issuer: string
  /** As the certificate has it. */
  readonly validFrom: string
  readonly validTo: string
  readonly names: string
  readonly trusted: boolean
}

/** Milliseconds that each phase took; null for one that was not reached, or that there is none of. */
export interface FetchPhases {
  readonly connect: number | null
  readonly tls: number | null
  /** From the request's end to the first byte of the answer. */
  readonly firstByte: number | null
  /** The rest of the answer. */
  readonly body: number | null
  readonly total: number
}

/** What came of it. */
export interface Fetch {
  readonly outcome: FetchOutcome
  readonly reason: string | null
  readonly connection: Connection
  readonly phases: FetchPhases
  /** `TLSv1.3`; null without TLS. */
  readonly tlsProtocol: string | null
  readonly certificate: Certificate | null
  readonly status: number | null
  readonly statusText: string | null
  readonly httpVersion: string | null
  /** As they came; a name may be there several times. */
  readonly headers: readonly (readonly [string, string])[]
  /** Of the body, as it was sent. */
  readonly bytes: number
  /** The body was longer than we read. */
  readonly cut: boolean
}

/** Bytes of a body that are read before the connection is closed. */
const LONGEST_BODY = 64 * 1024 * 1024

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** Asks. @throws RangeError when the address is none; KernelError EMFILE, ENODEV; TypeError for a header that is none */
export async function fetchUrl(init: FetchInit): Promise<Fetch> {
  const started = performance.now()
  const { namespace, url, address, timeout, signal } = init
  const secure = url.protocol === 'https:'
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const deadline = AbortSignal.timeout(timeout)
  const stop = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
  const found = await connect({ namespace, address, port, timeout, ...(signal === undefined ? {} : { signal }) })
  const { descriptor, ...connection } = found
  const fetch = emptyFetch(connection)
  const end = (outcome: FetchOutcome, reason: string | null = null): Fetch => ({
    ...fetch,
    outcome: stop.aborted && outcome !== 'answered' ? (signal?.aborted === true ? 'interrupted' : 'timeout') : outcome,
    reason,
    phases: { ...fetch.phases, total: performance.now() - started },
  })
  if (descriptor === undefined)
    return end(connection.outcome === 'timeout' ? 'timeout' : 'not-connected', connection.reason)
  const socket = new Socket({ fd: descriptor })
  const abort = (): void => void socket.destroy()
  stop.addEventListener('abort', abort, { once: true })
  try {
    const channel = secure ? await secured(socket, init, fetch) : socket
    if (fetch.certificate?.trusted === false && !init.insecure) return end('not-trusted', fetch.reason)
    await exchangeOn(channel, init, fetch)
    return end('answered')
  } catch (error) {
    if (error instanceof TypeError) throw error
    const reason = reasonOf(error)
    return end(secure && fetch.phases.tls === null ? 'tls-failed' : 'no-answer', reason)
  } finally {
    stop.removeEventListener('abort', abort)
    socket.destroy()
  }
}

type Growing = Mutable<Omit<Fetch, 'phases'>> & { phases: Mutable<FetchPhases> }

function emptyFetch(connection: Connection): Growing {
  const connected = connection.outcome === 'connected' ? connection.milliseconds : null
  return {
    outcome: 'no-answer',
    reason: null,
    connection,
    phases: { connect: connected, tls: null, firstByte: null, body: null, total: 0 },
    ...{ tlsProtocol: null, certificate: null, status: null, statusText: null, httpVersion: null },
    ...{ headers: [], bytes: 0, cut: false },
  }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code === undefined ? message : `${message} (${code})`
}

/** Agrees on TLS. Whether the certificate is to be trusted is judged here, not by Node, so that it can be shown. */
function secured(socket: Socket, { url, authorities }: FetchInit, fetch: Growing): Promise<TLSSocket> {
  const started = performance.now()
  const name = url.hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    const channel = connectTls({
      socket,
      ...(isIP(name) === 0 ? { servername: name } : { host: name }),
      ...(authorities === undefined ? {} : { ca: authorities }),
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
    })
    channel.once('error', reject)
    socket.once('close', () => reject(new Error('the connection was closed while TLS was agreed on')))
    channel.once('secureConnect', () => {
      channel.off('error', reject)
      channel.on('error', () => {})
      fetch.phases.tls = performance.now() - started
      fetch.tlsProtocol = channel.getProtocol()
      fetch.certificate = certificateOf(channel)
      if (!channel.authorized) fetch.reason = String(channel.authorizationError)
      resolve(channel)
    })
  })
}

function certificateOf(channel: TLSSocket): Certificate {
  const certificate = channel.getPeerCertificate()
  const name = (part: unknown): string => {
    const { CN, O } = (part ?? {}) as Readonly<Record<string, string | readonly string[]>>
    return String(CN ?? O ?? '')
  }
  return {
    subject: name(certificate.subject),
    issuer: name(certificate.issuer),
    validFrom: certificate.valid_from ?? '',
    validTo: certificate.valid_to ?? '',
    names: certificate.subjectaltname ?? '',
    trusted: channel.authorized,
  }
}

async function exchangeOn(channel: Socket, { url, method, headers }: FetchInit, fetch: Growing): Promise<void> {
  const sent = request({
    createConnection: () => channel,
    method,
    host: url.hostname,
    path: `${url.pathname}${url.search}`,
    headers: Object.fromEntries([
      ['host', url.host],
      ['user-agent', 'netwright'],
      ['accept', '*/*'],
      ['connection', 'close'],
      ...headers,
    ]),
  })
  const response = await answerTo(sent, fetch)
  fetch.status = response.statusCode ?? null
  fetch.statusText = response.statusMessage ?? null
  fetch.httpVersion = response.httpVersion
  const { rawHeaders } = response
  fetch.headers = Array.from({ length: rawHeaders.length / 2 }, (_, i) => [rawHeaders[2 * i]!, rawHeaders[2 * i + 1]!])
  const began = performance.now()
  for await (const piece of response as AsyncIterable<Buffer>) {
    fetch.bytes += piece.length
    if (fetch.bytes < LONGEST_BODY) continue
    fetch.cut = true
    break
  }
  fetch.phases.body = performance.now() - began
}

function answerTo(sent: ClientRequest, fetch: Growing): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    let began = performance.now()
    sent.once('finish', () => {
      began = performance.now()
    })
    sent.on('error', reject)
    sent.once('response', (response) => {
      fetch.phases.firstByte = performance.now() - began
      resolve(response)
    })
    sent.end()
  })
}
