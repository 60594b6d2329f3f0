/**
 * The few requests of the Docker Engine API that Netwright makes, over a unix socket or plain TCP. node:http is loaded with
 * the first request: it costs 7 ms, which a host without Docker need not pay.
 */
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http'

/** Where a daemon listens. */
export type EngineAddress = { readonly socketPath: string } | { readonly host: string; readonly port: number }

/** A daemon answered, but not as one can use. The message is a clause: `answered GET /networks with status 500`. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
}

/** Limits of a client. */
export interface EngineClientOptions {
  /** Closes the client. */
  readonly signal: AbortSignal
  /** Bytes of one answer that are accepted. */
  readonly maximumBytes?: number
}

const DEFAULT_MAXIMUM_BYTES = 64 * 1024 * 1024
/** Requests of one client that are under way at a time. */
const CONNECTIONS = 4

/** A connection to one daemon. Close it, or its idle sockets keep the process alive. */
export class EngineClient {
  readonly #address: EngineAddress
  readonly #signal: AbortSignal
  readonly #maximumBytes: number
  readonly #http: typeof import('node:http')
  readonly #agent: Agent
  /** Those under way, and those that wait for a connection. */
  readonly #requests = new Set<ClientRequest>()
  readonly #closeNow = (): void => this.close()
  #runtime: 'docker' | 'podman' = 'docker'

  private constructor(address: EngineAddress, options: EngineClientOptions, http: typeof import('node:http')) {
    this.#address = address
    this.#signal = options.signal
    this.#maximumBytes = options.maximumBytes ?? DEFAULT_MAXIMUM_BYTES
    this.#http = http
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS })
    // One listener for all requests: Node warns of more than ten on one signal.
    this.#signal.addEventListener('abort', this.#closeNow)
  }

  /** Prepares a client; nothing is sent yet. */
  static async open(address: EngineAddress, options: EngineClientOptions): Promise<EngineClient> {
    return new EngineClient(address, options, await import('node:http'))
  }

  /** Who answered last: Podman speaks this API too, and DOCKER_HOST often leads to it. */
  get runtime(): 'docker' | 'podman' {
    return this.#runtime
  }

  /**
   * Asks for a JSON document.
   * @param path without a version, so that the daemon answers with the newest that it speaks
   * @throws EngineError when the answer is an error, too large, or no JSON
   * @throws Error with a `code` when there is no connection, without one when the client was closed meanwhile
   */
  async get(path: string): Promise<unknown> {
    const response = await this.#send(path)
    this.#runtime = String(response.headers.server).startsWith('Libpod') ? 'podman' : 'docker'
    const body = await this.#read(response, path)
    if (response.statusCode !== 200) throw new EngineError(`answered GET ${path} with status ${response.statusCode}`)
    try {
      return JSON.parse(body)
    } catch {
      throw new EngineError(`answered GET ${path} with something that is not JSON`)
    }
  }

  /** Destroys all sockets; requests under way reject. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#closeNow)
    for (const request of this.#requests) request.destroy(new Error('the client was closed'))
    this.#agent.destroy()
  }

  #send(path: string): Promise<IncomingMessage> {
    if (this.#signal.aborted) throw new Error('the client was closed')
    const options: RequestOptions = {
      ...this.#address,
      path,
      agent: this.#agent,
      // HTTP/1.1 demands a host; a daemon behind a unix socket ignores which.
      headers: { host: 'host' in this.#address ? this.#address.host : 'docker', accept: 'application/json' },
    }
    return new Promise((resolve, reject) => {
      const request = this.#http.request(options, resolve)
      this.#requests.add(request)
      request.on('close', () => this.#requests.delete(request))
      request.on('error', (error) => reject(asEngineError(error, path)))
      request.end()
    })
  }

  async #read(response: IncomingMessage, path: string): Promise<string> {
    const chunks: Buffer[] = []
    let length = 0
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) {
        length += chunk.length
        // Leaving the loop destroys the response and its socket.
        if (length > this.#maximumBytes) {
          throw new EngineError(`answered GET ${path} with more than ${this.#maximumBytes} bytes`)
        }
        chunks.push(chunk)
      }
    } catch (error) {
      throw asEngineError(error, path)
    }
    return Buffer.concat(chunks, length).toString('utf8')
  }
}

/** A peer that speaks no HTTP, or hangs up in the middle, is a broken daemon, not an absent one. */
function asEngineError(error: unknown, path: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code.startsWith('HPE_')) return new EngineError(`answered GET ${path} with something that is not HTTP`)
  if (code === 'ECONNRESET' || code === 'EPIPE') return new EngineError(`hung up during GET ${path}`)
  return error
}
