/** Which processes and threads there are. All of them may end at any moment; readers here answer with nothing then. */

import { readdirSync } from 'node:fs'
import { AT_FDCWD } from '../constants.ts'
import { hasCode } from '../errors.ts'
import * as libc from '../libc.ts'
import { readU32 } from '../netlink/byte-order.ts'

const STATX_NLINK = 0x4
/** Offset of stx_nlink in struct statx (linux/stat.h). */
const NLINK_OFFSET = 16

const status = Buffer.alloc(256)

/** Numbers of all processes that /proc shows, ascending. */
export function processIds(): number[] {
  return numbers(readdirSync('/proc'))
}

/** Numbers of a process's threads, its main thread included; none when it has ended. */
export function threadIds(pid: number): number[] {
  try {
    return numbers(readdirSync(`/proc/${pid}/task`))
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return []
    throw error
  }
}

/**
 * How many threads a process has, 0 when it has ended. The kernel counts each thread's directory as a link of
 * /proc/PID/task (proc_task_getattr in fs/proc/base.c), so that this costs a tenth of listing them.
 */
export function threadCount(pid: number): number {
  if (libc.statx(AT_FDCWD, `/proc/${pid}/task`, 0, STATX_NLINK, status) < 0) return 0
  return Math.max(0, readU32(status, NLINK_OFFSET) - 2)
}

function numbers(names: readonly string[]): number[] {
  const out: number[] = []
  for (const name of names) {
    const first = name.charCodeAt(0)
    if (first >= 0x30 && first <= 0x39) out.push(Number(name))
  }
  return out.sort((a, b) => a - b)
}
