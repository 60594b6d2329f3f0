/** What mends a kernel setting (sysctl(8)). */
import type { Fix } from '../finding.ts'
import type { Place } from '../scene/place.ts'
import { commandIn } from './command-line.ts'

/**
 * Sets settings: pairs of key and value.
 * @param safe false when the setting protects against something
 */
export function fixSettings(
  place: Place,
  home: string,
  settings: readonly (readonly [key: string, value: string])[],
  safe = true,
): Fix {
  const pairs = settings.map(([key, value]) => `${key}=${value}`)
  return {
    safe,
    summary: `Set ${pairs.join(' and ')} in ${place.label}.`,
    commands: pairs.map((pair) => commandIn(place, home, ['sysctl', '-w', pair])),
  }
}

/** The key of an interface's setting; names with dots are written with slashes there, as sysctl(8) wants them. */
export function settingOf(family: 'ipv4' | 'ipv6', name: string, setting: string): string {
  return `net.${family}.conf.${name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'))}.${setting}`
}
