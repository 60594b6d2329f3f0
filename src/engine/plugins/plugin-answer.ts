/** Reading what a plugin answered. Nothing of it is trusted: every field is looked at before it is used. */
import { EngineError } from '../errors.ts'

/** The object that a plugin answered with. */
export type PluginAnswer = Readonly<Record<string, unknown>>

/** Longest text of a plugin that is shown to a person. */
const LONGEST_SHOWN = 500

/**
 * A field of an answer. Plugins are written for Go's decoder, to which names in other letter cases are the same; the exact
 * name comes first. Undefined when there is none, or it is null.
 */
export function fieldOf(answer: PluginAnswer, name: string): unknown {
  if (Object.hasOwn(answer, name)) return answer[name] ?? undefined
  const wanted = name.toLowerCase()
  const key = Object.keys(answer).find((each) => each.toLowerCase() === wanted)
  return key === undefined ? undefined : (answer[key] ?? undefined)
}

/** A text of a plugin as it can be shown: on one line, without control characters, not too long. */
export function printable(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line
}

/** Reads an answer's fields as what they must be. A field that is missing is empty, as in Go. */
export class AnswerReader {
  readonly #answer: PluginAnswer
  readonly #plugin: string
  readonly #method: string

  /** @param plugin and @param method are named in errors */
  constructor(answer: PluginAnswer, plugin: string, method: string) {
    this.#answer = answer
    this.#plugin = plugin
    this.#method = method
  }

  /** @throws EngineError plugin-failed when it is no text */
  text(name: string): string {
    const value = fieldOf(this.#answer, name) ?? ''
    if (typeof value === 'string') return value
    throw this.wrong(name, value, 'text is wanted')
  }

  /** @throws EngineError plugin-failed when it is neither true nor false */
  flag(name: string): boolean {
    const value = fieldOf(this.#answer, name) ?? false
    if (typeof value === 'boolean') return value
    throw this.wrong(name, value, 'true or false is wanted')
  }

  /** @throws EngineError plugin-failed when it is no whole number */
  number(name: string): number {
    const value = fieldOf(this.#answer, name) ?? 0
    if (Number.isSafeInteger(value)) return value as number
    throw this.wrong(name, value, 'a whole number is wanted')
  }

  /** @throws EngineError plugin-failed when it is no object */
  object(name: string): AnswerReader {
    return this.#inner(name, fieldOf(this.#answer, name) ?? {})
  }

  /** @throws EngineError plugin-failed when it is no list of objects */
  list(name: string): AnswerReader[] {
    const value = fieldOf(this.#answer, name) ?? []
    if (!Array.isArray(value)) throw this.wrong(name, value, 'a list is wanted')
    return value.map((item) => this.#inner(name, item))
  }

  /** Texts by name. @throws EngineError plugin-failed when one is no text */
  labels(name: string): Record<string, string> {
    const inner = this.object(name)
    return Object.fromEntries(Object.keys(inner.#answer).map((key) => [key, inner.text(key)]))
  }

  /** The fields as they came. */
  get value(): PluginAnswer {
    return this.#answer
  }

  /** The error of a field that is not as it must be. */
  wrong(name: string, value: unknown, wanted: string): EngineError {
    const shown = printable(JSON.stringify(value) ?? 'nothing').slice(0, 80)
    return new EngineError(
      'plugin-failed',
      `the plugin ${this.#plugin} answered ${this.#method} with ${shown} as ${name}: ${wanted}`,
    )
  }

  #inner(name: string, value: unknown): AnswerReader {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return new AnswerReader(value as PluginAnswer, this.#plugin, this.#method)
    }
    throw this.wrong(name, value, 'an object is wanted')
  }
}
