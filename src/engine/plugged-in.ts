/** The drivers that are plugged into a controller: made by factories when first named, or found by a look-up. */
import { EngineError, type FailureCode } from './errors.ts'

/** Where drivers of one sort come from. */
export interface PluggedInSources<D> {
  /** Names for which a factory stands ready. */
  readonly known: readonly string[]
  /** Makes or finds a driver; undefined when there is none of that name. */
  find(name: string): Promise<D | undefined>
  readonly unknown: FailureCode
  /** `network driver`, `IPAM driver`. */
  readonly noun: string
}

/** Drivers by name. Each is made once; one that could not be found is looked for again the next time. */
export class PluggedIn<D extends { close(): Promise<void> }> {
  readonly #sources: PluggedInSources<D>
  readonly #drivers = new Map<string, Promise<D>>()

  constructor(sources: PluggedInSources<D>) {
    this.#sources = sources
  }

  /** The driver of this name. @throws EngineError driver-unknown, ipam-driver-unknown */
  get(name: string): Promise<D> {
    const present = this.#drivers.get(name)
    if (present !== undefined) return present
    const found = this.#find(name)
    this.#drivers.set(name, found)
    found.catch(() => this.#drivers.delete(name))
    return found
  }

  /** Drivers that were made or found so far. */
  async loaded(): Promise<D[]> {
    const settled = await Promise.allSettled(this.#drivers.values())
    return settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []))
  }

  async #find(name: string): Promise<D> {
    const driver = await this.#sources.find(name)
    if (driver !== undefined) return driver
    const { noun, known, unknown } = this.#sources
    throw new EngineError(
      unknown,
      `there is no ${noun} ${JSON.stringify(name)}: built in are ${known.join(', ')}, and no plugin answers to that name`,
    )
  }
}
