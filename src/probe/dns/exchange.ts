/** One question to one name server, from within a namespace: over UDP, and once more over TCP when the answer was cut short. */
import { randomInt } from 'node:crypto'
import { Socket } from 'node:net'
import { DatagramClient, hasCode, type NamespaceHandle, openClientSocket } from '../../kernel/index.ts'
import { sameName } from './domain-name.ts'
import { type Answer, decodeAnswer, encodeQuestion, type Question } from './message.ts'

/** What became of a question. */
export type ExchangeOutcome =
  /** There is an answer; its response code says which. */
  | 'answered'
  /** Nothing came in time. */
  | 'timeout'
  /** Nothing listens there (ECONNREFUSED). */
  | 'refused'
  /** It cannot be sent, or a router says that it does not get there. */
  | 'unreachable'
  /** Something came that is no answer to the question. */
  | 'malformed'
  /** The one who asked did not want to wait. */
  | 'interrupted'

/** A question to a server, and what came of it. */
export interface Exchange extends Question {
  /** Address, with the interface of a link-local one. */
  readonly server: string
  readonly transport: 'udp' | 'tcp'
  readonly outcome: ExchangeOutcome
  readonly answer: Answer | undefined
  /** Why it is `unreachable`: an errno's symbol. */
  readonly reason: string | undefined
  readonly milliseconds: number
}

/** Whom to ask, and how. */
export interface ExchangeInit extends Question {
  readonly namespace: NamespaceHandle
  readonly server: string
  /** 53 by default. */
  readonly port?: number
  readonly transport?: 'udp' | 'tcp'
  /** Longest UDP answer that is told by EDNS; no EDNS without. */
  readonly udpSize?: number
  /** To wait for an answer. */
  readonly milliseconds: number
  readonly signal?: AbortSignal
}

/** Messages over TCP have their length before them, 16 bits; this is more than any. */
const LONGEST_STREAM = 2 + 0xffff

type End = (outcome: ExchangeOutcome, answer?: Answer, reason?: string) => void

/**
 * Asks. Resolves with what came of it, whatever that is.
 * @throws RangeError when the name is no domain name
 */
export function exchange(init: ExchangeInit): Promise<Exchange> {
  const { name, type, server, transport = 'udp', signal } = init
  const id = randomInt(0x1_0000)
  const size = init.udpSize === undefined ? {} : { udpSize: init.udpSize }
  const bytes = encodeQuestion({ id, name, type, ...size })
  const started = performance.now()
  return new Promise((resolve) => {
    let close = (): void => {}
    let ended = false
    const end: End = (outcome, answer, reason) => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', interrupt)
      close()
      resolve({ name, type, server, transport, outcome, answer, reason, milliseconds: performance.now() - started })
    }
    const interrupt = (): void => end('interrupted')
    const timer = setTimeout(() => end('timeout'), init.milliseconds)
    signal?.addEventListener('abort', interrupt, { once: true })
    if (signal?.aborted === true) interrupt()
    const expected = { id, name, type }
    try {
      if (!ended) close = (transport === 'udp' ? byDatagram : byStream)(init, bytes, expected, end)
      if (ended) close()
    } catch (error) {
      fail(error, end)
    }
  })
}

type Expected = Question & { readonly id: number }

function byDatagram(
  { namespace, server, port = 53 }: ExchangeInit,
  bytes: Buffer,
  expected: Expected,
  end: End,
): () => void {
  const client = new DatagramClient(namespace, server, port, {
    received(datagram) {
      const answer = decodeAnswer(Buffer.from(datagram))
      // What does not fit may be forged or late: the answer may still come.
      if (answer !== undefined && fits(answer, expected)) end('answered', answer)
    },
    failed: (error) => fail(error, end),
  })
  try {
    client.send(bytes)
  } catch (error) {
    client.close()
    throw error
  }
  return () => client.close()
}

function byStream(
  { namespace, server, port = 53 }: ExchangeInit,
  bytes: Buffer,
  expected: Expected,
  end: End,
): () => void {
  const socket = new Socket({ fd: openClientSocket(namespace, { protocol: 'tcp', address: server, port }) })
  let received = Buffer.alloc(0)
  socket.on('data', (piece) => {
    received = Buffer.concat([received, piece])
    if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) {
      if (received.length > LONGEST_STREAM) end('malformed')
      return
    }
    const answer = decodeAnswer(received.subarray(2, 2 + received.readUInt16BE(0)))
    if (answer !== undefined && fits(answer, expected)) end('answered', answer)
    else end('malformed')
  })
  socket.on('error', (error) => fail(error, end))
  socket.on('close', () => end('malformed'))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bytes.length)
  socket.write(Buffer.concat([length, bytes]))
  return () => socket.destroy()
}

function fits(answer: Answer, { id, name, type }: Expected): boolean {
  if (answer.id !== id) return false
  // A server that cannot read the question, or will not, may leave it out of its answer.
  if (answer.question === undefined) return answer.rcode !== 0
  return answer.question.type === type && sameName(answer.question.name, name.replace(/\.$/, ''))
}

function fail(error: unknown, end: End): void {
  if (hasCode(error, 'ECONNREFUSED')) end('refused')
  else if (error instanceof Error && 'code' in error && /^E(?!RR_)/.test(String(error.code))) {
    end('unreachable', undefined, String(error.code))
  } else throw error
}
