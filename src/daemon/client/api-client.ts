/** Requests to the daemon over its socket. */
import { type IncomingMessage, request } from 'node:http'
import { ApiError } from './api-error.ts'

/** A request with an answer in JSON. */
export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
}

/** Answers are lists of what is on one host; this is far more. */
const LARGEST_ANSWER = 256 * 1024 * 1024

/** Asks the daemon at one socket. */
export class ApiClient {
  readonly #socketPath: string

  constructor(socketPath: string) {
    this.#socketPath = socketPath
  }

  /**
   * The answer to a request; undefined when it is empty.
   * @throws ApiError for what the daemon refused; Error ENOENT or ECONNREFUSED when there is no daemon, EACCES
   */
  async ask<T>({ method, path, body }: ApiRequest): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const response = await this.#send(method, path, text)
    const answer = await readAll(response)
    const status = response.statusCode ?? 0
    if (status >= 200 && status < 300) return (answer === '' ? undefined : JSON.parse(answer)) as T
    throw errorOf(status, answer)
  }

  #send(method: string, path: string, text: string | undefined): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const headers =
        text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }
      const sent = request({ socketPath: this.#socketPath, method, path, headers, agent: false }, resolve)
      sent.once('error', reject)
      sent.end(text)
    })
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > LARGEST_ANSWER) throw new ApiError(0, 'answer-too-large', 'the daemon’s answer is unreasonably long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function errorOf(status: number, answer: string): ApiError {
  try {
    const { code, message } = (JSON.parse(answer) as { error: { code: string; message: string } }).error
    return new ApiError(status, code, message)
  } catch {
    return new ApiError(
      status,
      'answer-invalid',
      `the daemon answered ${status} with something that is no error of its own`,
    )
  }
}
