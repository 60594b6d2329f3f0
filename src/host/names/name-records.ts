/**
 * What was attached by us, one file a name below the state directory: written before the mount is made, so that an attachment
 * cut short is known for what it is, and a name is mended to what it was meant for.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../kernel/index.ts'
import { checkName } from './name.ts'

/** What a name was made for, in a form that outlives a restart of the container. */
export interface NameTarget {
  /** Runtime of the owner; null for a namespace that nobody owns. */
  readonly runtime: string | null
  /** The runtime's identifier. */
  readonly id: string | null
  /** The owner's name, or the word that the namespace was called by. */
  readonly name: string
}

/** One attachment. */
export interface NameRecord {
  readonly schema: 'netwright/name/v1'
  readonly name: string
  readonly target: NameTarget
  /** nsfs inode that was attached, decimal. */
  readonly inode: string
  /** The kernel's never re-used id of it, decimal, where there is one. */
  readonly id: string | null
  /** ISO 8601, UTC. */
  readonly attachedAt: string
}

/** Where state that outlives a reboot is kept: NETWRIGHT_STATE, or /var/lib/netwright. */
export function stateDirectory(environment: Readonly<Record<string, string | undefined>>): string {
  return environment['NETWRIGHT_STATE'] || '/var/lib/netwright'
}

/** The records in one state directory. */
export class NameRecords {
  readonly #directory: string

  constructor(state: string) {
    this.#directory = join(state, 'names')
  }

  /** The record of a name; undefined when there is none, or none that we may read and can understand. */
  read(name: string): NameRecord | undefined {
    try {
      return understood(name, JSON.parse(readFileSync(this.#path(name), 'utf8')))
    } catch (error) {
      if (error instanceof SyntaxError || hasCode(error, 'ENOENT', 'EACCES', 'ENOTDIR', 'EISDIR')) return undefined
      throw error
    }
  }

  /** Writes a record so that a crash leaves the old one or the new one, never half of one. */
  write(record: NameRecord): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o755 })
    const path = this.#path(record.name)
    // Names begin with no dot-slash of ours: a record being written is never taken for one.
    const draft = join(this.#directory, `.${process.pid}.draft`)
    const fd = openSync(draft, 'w', 0o644)
    try {
      writeSync(fd, `${JSON.stringify(record, null, 2)}\n`)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(draft, path)
  }

  /** Forgets a name; nothing happens when it is not known. */
  remove(name: string): void {
    rmSync(this.#path(name), { force: true })
  }

  #path(name: string): string {
    return join(this.#directory, `${checkName(name)}.json`)
  }
}

/** Files may have been edited, cut short or written by another version: anything odd is no record. */
function understood(name: string, value: unknown): NameRecord | undefined {
  if (!isObject(value) || !isObject(value['target'])) return undefined
  const { schema, inode, id, attachedAt } = value
  const { runtime, id: ownerId, name: ownerName } = value['target']
  if (schema !== 'netwright/name/v1' || value['name'] !== name) return undefined
  if (typeof inode !== 'string' || typeof attachedAt !== 'string' || typeof ownerName !== 'string') return undefined
  if (!isTextOrNull(id) || !isTextOrNull(runtime) || !isTextOrNull(ownerId)) return undefined
  return { schema, name, target: { runtime, id: ownerId, name: ownerName }, inode, id, attachedAt }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string'
}
