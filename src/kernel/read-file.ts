/** Reading a file of /proc on this very thread, so that it is the thread's own namespace that answers. */
import { EINTR, O_CLOEXEC, O_RDONLY } from './constants.ts'
import { KernelError } from './errors.ts'
import * as libc from './libc.ts'

// One buffer serves all reads of a thread; it grows to the largest file seen.
let shared = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * Reads a whole file. The files of /proc have no length and give at most a page with each read(2), so the loop ends at the
 * first empty read.
 * @param operation what the reading is for, for the error's text
 * @returns bytes that are valid until the next call on this thread: decode them at once
 * @throws KernelError ENOENT, EACCES, ESRCH when the process ends meanwhile
 * @throws TypeError when the path holds a NUL, which would end it early
 */
export function readFileHere(path: string, operation: string): Buffer {
  if (path.includes('\0')) throw new TypeError(`${operation}: the path ${JSON.stringify(path)} holds a NUL character`)
  const fd = libc.open(path, O_RDONLY | O_CLOEXEC, 0)
  if (fd < 0) throw new KernelError({ operation, errno: libc.errno(), subject: path })
  try {
    return readToEnd(fd, path, operation)
  } finally {
    libc.close(fd)
  }
}

function readToEnd(fd: number, path: string, operation: string): Buffer {
  let length = 0
  for (;;) {
    if (length === shared.length) grow()
    const rest = length === 0 ? shared : shared.subarray(length)
    const count = libc.read(fd, rest, rest.length)
    if (count === 0) return shared.subarray(0, length)
    if (count > 0) length += count
    else if (libc.errno() !== EINTR) throw new KernelError({ operation, errno: libc.errno(), subject: path })
  }
}

function grow(): void {
  const larger = Buffer.allocUnsafeSlow(shared.length * 4)
  shared.copy(larger)
  shared = larger
}
