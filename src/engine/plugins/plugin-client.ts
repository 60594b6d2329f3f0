/** Calls to one of Docker's plugins. */
import { setTimeout as pause } from 'node:timers/promises'
import { EngineError } from '../errors.ts'
import type { PluginAddress } from './plugin-address.ts'
import { fieldOf, type PluginAnswer, printable } from './plugin-answer.ts'
import { BadAnswerError, type ExchangeAnswer, exchange, NoAnswerError } from './plugin-exchange.ts'
import { type Clock, retrying } from './retry.ts'

/** Settings of a client that tests change. */
export interface PluginClientOptions {
  readonly clock?: Clock
  /** Milliseconds that one answer may take; 60,000 when left out. */
  readonly milliseconds?: number
  /** Bytes that one answer may have; 4 MiB when left out. */
  readonly bytes?: number
}

const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => pause(milliseconds, undefined, { signal }),
}
const MILLISECONDS = 60_000
const BYTES = 4 * 1024 * 1024

/** Calls to one plugin. Nothing is connected between calls. */
export class PluginClient {
  readonly name: string
  readonly address: PluginAddress
  readonly #clock: Clock
  readonly #limits: { readonly milliseconds: number; readonly bytes: number }
  readonly #closing = new AbortController()
  #implements: Promise<ReadonlySet<string>> | undefined

  constructor(name: string, address: PluginAddress, options: PluginClientOptions = {}) {
    this.name = name
    this.address = address
    this.#clock = options.clock ?? REAL_CLOCK
    this.#limits = { milliseconds: options.milliseconds ?? MILLISECONDS, bytes: options.bytes ?? BYTES }
  }

  /**
   * Calls a method, once the plugin has introduced itself. Only a plugin that cannot be reached is asked again, over up to
   * 30 seconds; it may then see a call twice, as with dockerd.
   * @param method `NetworkDriver.Join` @param body left out for methods without arguments
   * @throws EngineError plugin-unreachable; plugin-failed when the plugin says so, or answers with something else
   */
  async call(method: string, body?: object): Promise<PluginAnswer> {
    const answer = await this.callIfThere(method, body)
    if (answer !== undefined) return answer
    throw this.#failed(method, 'does not have that method')
  }

  /** The same for a method that a plugin may lack: undefined then (it answers with status 404). @throws EngineError */
  async callIfThere(method: string, body?: object): Promise<PluginAnswer | undefined> {
    await this.implements()
    return this.#post(method, body)
  }

  /** What the plugin is: `NetworkDriver`, `IpamDriver` … Asked once. @throws EngineError plugin-unreachable, plugin-failed */
  implements(): Promise<ReadonlySet<string>> {
    if (this.#implements === undefined) {
      this.#implements = this.#activate()
      this.#implements.catch(() => {
        this.#implements = undefined
      })
    }
    return this.#implements
  }

  /** Calls that are under way end with an error, and there are no others. */
  close(): void {
    this.#closing.abort()
  }

  async #activate(): Promise<ReadonlySet<string>> {
    const method = 'Plugin.Activate'
    const answer = await this.#post(method, undefined)
    const list = answer === undefined ? undefined : fieldOf(answer, 'Implements')
    if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return new Set(list)
    throw this.#failed(method, 'does not say what it implements')
  }

  async #post(method: string, body: object | undefined): Promise<PluginAnswer | undefined> {
    const signal = this.#closing.signal
    if (signal.aborted) throw this.#closed(method)
    const text = body === undefined ? '' : `${JSON.stringify(body)}\n`
    try {
      const attempt = (): Promise<ExchangeAnswer> => exchange(this.address, `/${method}`, text, this.#limits, signal)
      const answer = await retrying(attempt, (error) => error instanceof NoAnswerError, this.#clock, signal)
      return this.#understand(method, answer)
    } catch (error) {
      if (error instanceof EngineError) throw error
      if (signal.aborted) throw this.#closed(method)
      if (error instanceof BadAnswerError) throw this.#failed(method, error.message)
      throw new EngineError(
        'plugin-unreachable',
        `the plugin ${this.name} cannot be reached at ${placeOf(this.address)} for ${method}: ${sentenceOf(error)}; is it running?`,
        { cause: error },
      )
    }
  }

  #understand(method: string, { status, body }: ExchangeAnswer): PluginAnswer | undefined {
    if (status === 404) return undefined
    const answer = parse(body)
    // Network drivers have their failure in `Err`, address managers in `Error`.
    const failure = answer === undefined ? undefined : fieldOf(answer, 'Err') || fieldOf(answer, 'Error')
    if (typeof failure === 'string' && failure !== '') throw this.#failed(method, `refused it: ${printable(failure)}`)
    if (status !== 200) throw this.#failed(method, `answered with status ${status}: ${printable(body.trim())}`)
    if (answer === undefined)
      throw this.#failed(method, `answered with no JSON object: ${printable(body.slice(0, 80))}`)
    return answer
  }

  #failed(method: string, clause: string): EngineError {
    return new EngineError('plugin-failed', `the plugin ${this.name}, called for ${method}, ${clause}`)
  }

  #closed(method: string): EngineError {
    return new EngineError(
      'controller-closed',
      `the plugin ${this.name} is not asked for ${method}: its client is closed`,
    )
  }
}

/** An answer as an object; Go's `null` is an empty one. Undefined when it is neither. */
function parse(body: string): PluginAnswer | undefined {
  try {
    const value: unknown = JSON.parse(body)
    if (value === null) return {}
    return typeof value === 'object' && !Array.isArray(value) ? (value as PluginAnswer) : undefined
  } catch {
    return undefined
  }
}

function placeOf(address: PluginAddress): string {
  return 'socketPath' in address ? address.socketPath : `${address.host} port ${address.port}`
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? printable(error.message) : String(error)
}
