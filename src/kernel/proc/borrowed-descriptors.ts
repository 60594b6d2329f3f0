/** Descriptors of another process, borrowed for a question (pidfd_getfd(2), Linux 5.6). */
import { EACCES, EPERM } from '../constants.ts'
import * as libc from '../libc.ts'

/** The same numbers on every architecture (asm-generic/unistd.h). */
const SYS_PIDFD_OPEN = 434
const SYS_PIDFD_GETFD = 438
/** linux/pidfd.h */
const PIDFD_THREAD = 0o200

/** Access to the descriptors of one process. The process is opened at the first use; close this. */
export class BorrowedDescriptors {
  readonly #pid: number
  readonly #thread: number | undefined
  #pidfd: number | undefined
  #denied = false

  /** @param thread a thread to go by, when the main thread has ended and has no descriptors any more (Linux 6.9) */
  constructor(pid: number, thread?: number) {
    this.#pid = pid
    this.#thread = thread
  }

  /** True when the kernel refused for want of permission; there is no use in asking on. */
  get denied(): boolean {
    return this.#denied
  }

  /**
   * Answers a question about a descriptor, given a copy of it that lives only so long. Undefined when the descriptor is closed
   * by now, the process has ended, or it is not permitted.
   */
  ask<T>(fd: number, question: (copy: number) => T): T | undefined {
    const copy = this.#borrow(fd)
    if (copy < 0) return undefined
    try {
      return question(copy)
    } finally {
      libc.close(copy)
    }
  }

  #borrow(fd: number): number {
    if (this.#denied) return -1
    this.#pidfd ??= libc.syscall(
      SYS_PIDFD_OPEN,
      this.#thread ?? this.#pid,
      this.#thread === undefined ? 0 : PIDFD_THREAD,
      0,
    )
    if (this.#pidfd < 0) return -1
    const copy = libc.syscall(SYS_PIDFD_GETFD, this.#pidfd, fd, 0)
    if (copy < 0) {
      const reason = libc.errno()
      this.#denied = reason === EPERM || reason === EACCES
    }
    return copy
  }

  close(): void {
    if (this.#pidfd !== undefined && this.#pidfd >= 0) libc.close(this.#pidfd)
    this.#pidfd = undefined
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
