/**
 * Reading JSON that others wrote. What is absent or null is undefined; what is of another type than it should be is told with
 * its place in the document.
 */
import { CniCode, CniError } from './cni-error.ts'

/** A JSON object whose fields are read one by one. */
export class JsonFields {
  readonly #values: Readonly<Record<string, unknown>>
  readonly #place: string

  private constructor(values: Readonly<Record<string, unknown>>, place: string) {
    this.#values = values
    this.#place = place
  }

  /** @throws CniError 6 when the text is no JSON, 7 when it is no object */
  static parse(text: string, place: string): JsonFields {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch (error) {
      throw new CniError(CniCode.undecodable, `${place} is not JSON`, (error as Error).message)
    }
    return JsonFields.of(value, place)
  }

  /** @throws CniError 7 when `value` is no object */
  static of(value: unknown, place: string): JsonFields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return new JsonFields(value as Record<string, unknown>, place)
    }
    throw new CniError(CniCode.invalidConfiguration, `${place} is not an object`)
  }

  /** @throws CniError 7, as all that follow, when the field is of another type */
  text(name: string): string | undefined {
    return this.#read(name, 'a text', (value) => typeof value === 'string') as string | undefined
  }

  flag(name: string): boolean | undefined {
    return this.#read(name, 'true or false', (value) => typeof value === 'boolean') as boolean | undefined
  }

  integer(name: string, least: number, most: number): number | undefined {
    const fits = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= least && Number(value) <= most
    return this.#read(name, `a whole number from ${least} to ${most}`, fits) as number | undefined
  }

  object(name: string): JsonFields | undefined {
    const value = this.value(name)
    return value === undefined ? undefined : JsonFields.of(value, this.#at(name))
  }

  /** Objects of an array; none when it is absent. */
  objects(name: string): JsonFields[] {
    return this.#array(name).map((value, index) => JsonFields.of(value, `${this.#at(name)}[${index}]`))
  }

  /** Texts of an array; none when it is absent. */
  texts(name: string): string[] {
    const values = this.#array(name)
    if (values.every((value) => typeof value === 'string')) return values as string[]
    throw new CniError(CniCode.invalidConfiguration, `${this.#at(name)} is not a list of texts`)
  }

  /** The field as it is; undefined when it is absent or null. */
  value(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined
  }

  #array(name: string): unknown[] {
    return (this.#read(name, 'a list', Array.isArray) as unknown[] | undefined) ?? []
  }

  #read(name: string, what: string, fits: (value: unknown) => boolean): unknown {
    const value = this.value(name)
    if (value === undefined || fits(value)) return value
    throw new CniError(CniCode.invalidConfiguration, `${this.#at(name)} is not ${what}`)
  }

  #at(name: string): string {
    return `${this.#place}.${name}`
  }
}
