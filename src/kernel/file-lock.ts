/**
 * A lock file: at most one holder at a time, and never a stale one, since the kernel lets go of it when its holder ends,
 * however that happens (flock(2)). The holder's process number is in the file, for whoever finds it locked.
 */

import { readFileSync } from 'node:fs'
import { O_CLOEXEC, O_CREAT } from './constants.ts'
import { check, KernelError } from './errors.ts'
import * as libc from './libc.ts'

const O_RDWR = 2
const OWNER_ONLY = 0o600
const LOCK_EX = 2
const LOCK_NB = 4
const EWOULDBLOCK = 11
/** A process number and a line end, padded so that a shorter number leaves nothing of a longer one. */
const RECORD_LENGTH = 12

/** A lock that is held; release it, or end. */
export class FileLock {
  readonly path: string
  #fd: number

  private constructor(path: string, fd: number) {
    this.path = path
    this.#fd = fd
  }

  /**
   * Takes the lock at `path`, making the file when it is missing.
   * @returns undefined when another holder has it, in this process or elsewhere; `holderOf` names it
   * @throws KernelError ENOENT without the directory, EACCES
   */
  static take(path: string): FileLock | undefined {
    const fd = check(libc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, OWNER_ONLY), 'open lock file', path)
    if (libc.flock(fd, LOCK_EX | LOCK_NB) < 0) {
      const errno = libc.errno()
      libc.close(fd)
      if (errno === EWOULDBLOCK) return undefined
      throw new KernelError({ operation: 'lock', errno, subject: path })
    }
    const record = Buffer.from(`${process.pid}\n`.padEnd(RECORD_LENGTH))
    libc.write(fd, record, record.length)
    return new FileLock(path, fd)
  }

  /** Process number of whoever holds the lock at `path`; undefined when the file does not tell. */
  static holderOf(path: string): number | undefined {
    try {
      const pid = Number.parseInt(readFileSync(path, 'utf8'), 10)
      return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined
    } catch {
      return undefined
    }
  }

  /** Lets go. The file stays: removing it could take it away under a new holder. */
  release(): void {
    if (this.#fd >= 0) libc.close(this.#fd)
    this.#fd = -1
  }
}
