/** Settings of a namespace, read one by one. */
import { interfaceSysctl, type NamespaceHandle, readSysctls } from '../../../kernel/index.ts'
import type { Family, Place, Settings } from '../place.ts'
import { settingOfLink } from './link-settings.ts'

/** Where settings are read. */
type SettingsPlace = { readonly namespace: NamespaceHandle } & Pick<Place, 'linkNamed'>

/** Settings, each read once. */
export class KernelSettings implements Settings {
  readonly #place: SettingsPlace
  readonly #failed: (error: unknown) => void
  readonly #values = new Map<string, string | undefined>()

  /** @param failed hears of a setting that cannot be read for another reason than that it does not exist */
  constructor(place: SettingsPlace, failed: (error: unknown) => void) {
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
    const known = settingOfLink(this.#place.linkNamed(name), family, setting)
    return known ?? this.get(interfaceSysctl(family, name, setting))
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
