/** Clearing away goes on after a failure: what fails is collected and told together at the end. */
import { EngineError, type EngineErrorDetails } from './errors.ts'

/** Failures of one piece of work. */
export class Failures {
  readonly #errors: unknown[] = []

  /** Runs `work`; a failure is kept, not thrown. @returns undefined when it failed */
  async attempt<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.#errors.push(error)
      return undefined
    }
  }

  /** Keeps a failure that was met elsewhere. */
  add(error: unknown): void {
    this.#errors.push(error)
  }

  get any(): boolean {
    return this.#errors.length > 0
  }

  get errors(): readonly unknown[] {
    return this.#errors
  }

  /**
   * Throws what was collected: a lone engine error as it is, anything else as one sentence.
   * @throws EngineError kernel-refused, or the code that all failures share; its cause is an AggregateError
   */
  throwIfAny(what: string, details: EngineErrorDetails = {}): void {
    if (!this.any) return
    const [only] = this.#errors
    if (this.#errors.length === 1 && only instanceof EngineError) throw only
    const sentences = this.#errors.map(sentenceOf)
    const codes = new Set(this.#errors.map((error) => (error instanceof EngineError ? error.code : 'kernel-refused')))
    const [code] = codes
    throw new EngineError(
      codes.size === 1 && code !== undefined ? code : 'kernel-refused',
      `${what}: ${sentences.join('; ')}`,
      {
        ...details,
        cause: new AggregateError(this.#errors),
      },
    )
  }
}

/** The message of whatever was thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
