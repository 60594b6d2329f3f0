/** Before the tests of the built program: the launcher builds it when a source is newer. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Called once by vitest. */
export function setup(): void {
  execFileSync(join(import.meta.dirname, '../../netwright'), ['--version'], { stdio: 'ignore' })
}
