/** Runs the built program, and others. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** The checkout. */
export const root = join(import.meta.dirname, '../..')
/** The built program. */
export const built = join(root, 'dist/bin/netwright.cjs')

/** How a run ended, and what it said. */
export interface Run {
  readonly code: number | null
  readonly answer: string
  readonly remarks: string
}

/** Runs `netwright` with these words. */
export function netwright(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Run {
  return run(built, words, environment)
}

/** Runs any program, in a directory. */
export function run(
  file: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  directory = root,
): Run {
  const { status, stdout, stderr, error } = spawnSync(file, words, {
    encoding: 'utf8',
    cwd: directory,
    env: { ...process.env, NO_COLOR: '', FORCE_COLOR: undefined, ...environment },
    timeout: 100_000,
  })
  if (error !== undefined) throw error
  return { code: status, answer: stdout, remarks: stderr }
}
