/** The program's version, from its package.json: two levels up both from the source and from the built program. */
import { readFileSync } from 'node:fs'

/** The version of this program, as in its package.json. */
export function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
