/** Asking one name server outside: one question, one answer, within a deadline. */
import { randomInt } from 'node:crypto'
import { Socket } from 'node:net'
import { DatagramClient, type NamespaceHandle, openClientSocket } from '../../kernel/index.ts'
import { MessageReader, withLength } from './message-stream.ts'
import { DNS_PORT, HEADER_BYTES } from './protocol.ts'
import { Query, sameQuestion } from './query.ts'

/** A name server, and the namespace that it is asked from. */
export interface Upstream {
  readonly address: string
  readonly from: NamespaceHandle
}

/** How a query travels. */
export type Transport = 'udp' | 'tcp'

/** What a query to a name server needs to be told from others: random, so that answers cannot be guessed (RFC 5452). */
class Enquiry {
  readonly bytes: Buffer
  readonly #question: Buffer
  readonly #id: Buffer

  /** @param query of the client, which reads as one */
  constructor(query: Buffer) {
    const reader = new Query()
    reader.read(query, 0, query.length)
    this.bytes = Buffer.from(query)
    this.bytes.writeUInt16BE(randomInt(0x10000), 0)
    this.#id = Buffer.from(query.subarray(0, 2))
    this.#question = reader.question(query)
  }

  /** The answer as the client is to have it; undefined when it is no answer to this. */
  accept(answer: Buffer): Buffer | undefined {
    if (answer.length < HEADER_BYTES || (answer[2]! & 0x80) === 0) return undefined
    if (answer[0] !== this.bytes[0] || answer[1] !== this.bytes[1]) return undefined
    if (!this.#aboutQuestion(answer)) return undefined
    const accepted = Buffer.from(answer)
    accepted.set(this.#id, 0)
    return accepted
  }

  /** Servers that cannot read a query answer without its question (RFC 1035 §4.1.1, format error). */
  #aboutQuestion(answer: Buffer): boolean {
    const questions = answer.readUInt16BE(4)
    if (questions === 0) return (answer[3]! & 0xf) !== 0
    return questions === 1 && sameQuestion(this.#question, answer, HEADER_BYTES)
  }
}

/**
 * Asks a name server.
 * @param query well-formed, as the client sent it
 * @returns the server's answer with the client's id; undefined when there was none within `milliseconds`, or the server could
 *   not be reached
 */
export function ask(
  upstream: Upstream,
  query: Buffer,
  transport: Transport,
  milliseconds: number,
): Promise<Buffer | undefined> {
  const start = transport === 'udp' ? askByDatagram : askByStream
  return new Promise((resolve) => {
    let close = (): void => {}
    let ended = false
    const end = (answer: Buffer | undefined): void => {
      if (ended) return
      ended = true
      clearTimeout(timer)
      close()
      resolve(answer)
    }
    const timer = setTimeout(() => end(undefined), milliseconds)
    try {
      close = start(upstream, new Enquiry(query), end)
      // It may have ended before there was anything to close.
      if (ended) close()
    } catch {
      // No route, no such interface, no descriptors left: as good as a server that does not answer.
      end(undefined)
    }
  })
}

type End = (answer: Buffer | undefined) => void

function askByDatagram({ address, from }: Upstream, enquiry: Enquiry, end: End): () => void {
  const client = new DatagramClient(from, address, DNS_PORT, {
    received(bytes) {
      const answer = enquiry.accept(bytes)
      // Whatever does not fit may be a forgery: the real answer may still come.
      if (answer !== undefined) end(answer)
    },
    failed: () => end(undefined),
  })
  try {
    client.send(enquiry.bytes)
  } catch (error) {
    client.close()
    throw error
  }
  return () => client.close()
}

function askByStream({ address, from }: Upstream, enquiry: Enquiry, end: End): () => void {
  const socket = new Socket({ fd: openClientSocket(from, { protocol: 'tcp', address, port: DNS_PORT }) })
  const reader = new MessageReader()
  socket.on('data', (bytes) => {
    for (const message of reader.push(bytes)) {
      const answer = enquiry.accept(message)
      if (answer !== undefined) end(answer)
    }
  })
  socket.on('error', () => end(undefined))
  socket.on('close', () => end(undefined))
  socket.write(withLength(enquiry.bytes))
  return () => socket.destroy()
}
