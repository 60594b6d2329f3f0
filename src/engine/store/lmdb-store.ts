/**
 * The store on disk: LMDB, an embedded database whose transactions are atomic whatever happens to the process.
 *
 * A commit is written to the file but not flushed to the disk: that costs 15 µs instead of 300 to 2,000, and the page cache
 * survives the death of the process as the disk does. What could die with the machine's power are the last moments, so the
 * file is flushed within a second of a change, off the main thread. After a power failure no kernel state is left that the
 * lost moments could contradict.
 */
import { closeSync, existsSync, fsync, mkdirSync, openSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { FileLock } from '../../kernel/index.ts'
import { EngineError } from '../errors.ts'
import { checkDataFile } from './data-file.ts'
import type { RecordKind, Store, StoreWriter } from './store.ts'

// Loaded when a store is opened: that takes 25 ms, and most commands have none.
const require = createRequire(import.meta.url)

/** Version of the records' shapes. Raise it with an entry in `MIGRATIONS` that turns the shapes before into these. */
const SCHEMA_VERSION = 1
/** `MIGRATIONS[n]` brings a store of version n to n + 1, within the transaction that also writes the new version. */
const MIGRATIONS: Readonly<Record<number, (writer: StoreWriter) => void>> = {}
const SCHEMA_KEY = 'schema'
/** Address space kept for the file; the file itself grows with what is in it. */
const MAP_BYTES = 1 << 30
const FLUSH_MILLISECONDS = 500
/** After the highest character of an id, in LMDB's order of keys. */
const AFTER_ALL = '\uffff'

/** A store in a directory. */
export class LmdbStore implements Store {
  readonly #database: RootDatabase<string, string>
  readonly #lock: FileLock
  readonly #path: string
  #flush: NodeJS.Timeout | undefined
  #closed = false

  private constructor(database: RootDatabase<string, string>, lock: FileLock, path: string) {
    this.#database = database
    this.#lock = lock
    this.#path = path
  }

  /**
   * Opens the store in a directory, which is made when it is missing.
   * @throws EngineError store-locked when another controller has it open; store-broken when the file is damaged or of a
   *   newer version
   */
  static open(directory: string): LmdbStore {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const lock = takeLock(directory)
    const path = join(directory, 'engine.mdb')
    try {
      if (existsSync(path)) checkDataFile(path)
      const { open }: typeof import('lmdb') = require('lmdb')
      const database = open<string, string>({
        path,
        encoding: 'string',
        noSync: true,
        mapSize: MAP_BYTES,
        noSubdir: true,
      })
      const store = new LmdbStore(database, lock, path)
      store.#migrate()
      return store
    } catch (error) {
      lock.release()
      throw error instanceof EngineError ? error : brokenStore(path, error)
    }
  }

  get<T>(kind: RecordKind, id: string): T | undefined {
    const text = this.#database.get(keyOf(kind, id))
    return text === undefined ? undefined : this.#parse(text)
  }

  list<T>(kind: RecordKind, prefix = ''): { readonly id: string; readonly value: T }[] {
    const start = keyOf(kind, prefix)
    const skipped = keyOf(kind, '').length
    const out: { id: string; value: T }[] = []
    for (const { key, value } of this.#database.getRange({ start, end: start + AFTER_ALL })) {
      out.push({ id: key.slice(skipped), value: this.#parse(value) })
    }
    return out
  }

  transact<T>(change: (writer: StoreWriter) => T): T {
    if (this.#closed) throw new EngineError('controller-closed', 'the store is closed; open the controller again')
    const writer: StoreWriter = {
      get: (kind, id) => this.get(kind, id),
      list: (kind, prefix) => this.list(kind, prefix),
      put: (kind, id, value) => this.#database.putSync(keyOf(kind, id), JSON.stringify(value)),
      remove: (kind, id) => {
        this.#database.removeSync(keyOf(kind, id))
      },
    }
    const result = this.#database.transactionSync(() => change(writer))
    this.#flush ??= setTimeout(() => this.#flushSoon(), FLUSH_MILLISECONDS).unref()
    return result
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#flush)
    await this.#flushed()
    await this.#database.close()
    this.#lock.release()
  }

  #flushSoon(): void {
    this.#flush = undefined
    this.#flushed().catch(() => {
      // A disk that refuses to flush will refuse the next write too, and that one is told.
    })
  }

  #flushed(): Promise<void> {
    const fd = openSync(this.#path, 'r')
    return new Promise((resolve, reject) => {
      fsync(fd, (error) => {
        closeSync(fd)
        if (error === null) resolve()
        else reject(error)
      })
    })
  }

  #migrate(): void {
    const text = this.#database.get(SCHEMA_KEY)
    const found = text === undefined ? SCHEMA_VERSION : Number(text)
    if (!Number.isInteger(found) || found > SCHEMA_VERSION) {
      throw new EngineError(
        'store-broken',
        `${this.#path} was written by a newer version (schema ${text}, this one knows ${SCHEMA_VERSION}); use that version, or another state directory`,
      )
    }
    if (found === SCHEMA_VERSION && text !== undefined) return
    this.transact((writer) => {
      for (let version = found; version < SCHEMA_VERSION; version++) MIGRATIONS[version]?.(writer)
      this.#database.putSync(SCHEMA_KEY, String(SCHEMA_VERSION))
    })
  }

  #parse<T>(text: string): T {
    try {
      return JSON.parse(text)
    } catch (error) {
      throw brokenStore(this.#path, error)
    }
  }
}

function takeLock(directory: string): FileLock {
  const path = join(directory, 'engine.lock')
  const lock = FileLock.take(path)
  if (lock !== undefined) return lock
  const pid = FileLock.holderOf(path)
  const holder = pid === undefined ? 'another process' : pid === process.pid ? 'this process' : `process ${pid}`
  throw new EngineError(
    'store-locked',
    `the state in ${directory} is in use by ${holder}; ask the daemon instead, or give another state directory`,
  )
}

function brokenStore(path: string, cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new EngineError(
    'store-broken',
    `${path} cannot be read (${reason}); move it away to begin afresh, and remove what it described with "netwright doctor"`,
    { cause },
  )
}

/**
 * No kind holds a space, so no kind's keys begin with another's. (A NUL would sort wrongly: ordered-binary escapes it in short
 * strings only.)
 */
function keyOf(kind: RecordKind, id: string): string {
  return `${kind} ${id}`
}
