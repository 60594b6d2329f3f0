/** iproute2 for tests: namespaces with names of the test's own, and commands inside them. */
import { execFileSync, spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'

/** Runs `ip` with these words; one string, split at blanks. @throws Error when it fails */
export function ip(words: string): string {
  return execFileSync('ip', words.split(' '), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/** How to run many commands. */
export interface BatchOptions {
  /** Named namespace to run them in. */
  readonly inside?: string
  /** Go on behind those that fail. */
  readonly force?: boolean
}

/** Runs many `ip` commands in one process. @throws Error when one fails, unless `force` is given */
export function ipBatch(lines: readonly string[], { inside, force = false }: BatchOptions = {}): void {
  const words = [...(inside === undefined ? [] : ['-n', inside]), ...(force ? ['-force'] : []), '-batch', '-']
  const { status, stderr } = spawnSync('ip', words, { input: `${lines.join('\n')}\n`, encoding: 'utf8' })
  if (status !== 0 && !force) throw new Error(`ip -batch failed: ${stderr}`)
}

/** Inode of a named namespace. */
export function inodeOfName(name: string): string {
  return String(statSync(`/run/netns/${name}`).ino)
}

/** Named namespaces of one test file, removed together. */
export class NamedNamespaces {
  readonly #prefix: string
  readonly #names = new Set<string>()

  /** @param purpose makes the names unique to the test file */
  constructor(purpose: string) {
    this.#prefix = `nwt-${purpose}-${process.pid}`
  }

  /** A name, not made yet, that `close` will remove. */
  name(suffix: string | number): string {
    const name = `${this.#prefix}-${suffix}`
    this.#names.add(name)
    return name
  }

  /** Makes a namespace; returns its name. */
  add(suffix: string | number): string {
    const name = this.name(suffix)
    ip(`netns add ${name}`)
    return name
  }

  /** Makes many at once. */
  addMany(count: number): string[] {
    const names = Array.from({ length: count }, (_, i) => this.name(i))
    ipBatch(names.map((name) => `netns add ${name}`))
    return names
  }

  /** Removes all of them, those that are gone already too. */
  close(): void {
    if (this.#names.size > 0)
      ipBatch(
        [...this.#names].map((name) => `netns del ${name}`),
        { force: true },
      )
    this.#names.clear()
  }
}
