/** Settings of a namespace, read one by one. */
import { interfaceSysctl, type NamespaceHandle, readSysctls } from '../../../kernel/index.ts'
import type { Family, Settings } from '../place.ts'

/** Settings, each read once. */
export class KernelSettings implements Settings {
  readonly #place: { readonly namespace: NamespaceHandle }
  readonly #failed: (error: unknown) => void
  readonly #values = new Map<string, string | undefined>()

  /** @param failed hears of a setting that cannot be read for another reason than that it does not exist */
  constructor(place: { readonly namespace: NamespaceHandle }, failed: (error: unknown) => void) {
    this.#place = place
    this.#failed = failed
  }

  get(key: string): string | undefined {
    if (this.#values.has(key)) return this.#values.get(key)
    const value = this.#read(key)
    this.#values.set(key, value)
    return value
  }

  ofInterface(family: Family, name: string, setting: string): string | undefined {
    return this.get(interfaceSysctl(family, name, setting))
  }

  #read(key: string): string | undefined {
    try {
      return readSysctls(this.#place.namespace, [key]).get(key)
    } catch (error) {
      this.#failed(error)
      return undefined
    }
  }
}
