/** Settings as they would be. */
import { interfaceSysctl, sysctlPath } from '../../kernel/index.ts'
import type { Family, Settings } from '../scene/place.ts'

/** Some settings replaced; keys are paths, as `sysctlPath` gives them. */
export class SupposedSettings implements Settings {
  readonly #base: Settings
  readonly #changed: ReadonlyMap<string, string>

  constructor(base: Settings, changed: ReadonlyMap<string, string>) {
    this.#base = base
    this.#changed = changed
  }

  get(key: string): string | undefined {
    return this.#changed.get(sysctlPath(key)) ?? this.#base.get(key)
  }

  ofInterface(family: Family, name: string, setting: string): string | undefined {
    const changed = this.#changed.get(sysctlPath(interfaceSysctl(family, name, setting)))
    return changed ?? this.#base.ofInterface(family, name, setting)
  }
}
