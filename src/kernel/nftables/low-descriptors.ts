/**
 * Room for libnftables among the descriptors below 1024. It waits for the kernel with select(2), which knows no others:
 * glibc ends the process when it is given one. A process with some hundred sandboxes has more descriptors than that, so a
 * few low ones are kept aside from the first use on, and made free while the library opens its socket.
 */
import { constants } from 'node:fs'
import { O_CLOEXEC } from '../constants.ts'
import { KernelError } from '../errors.ts'
import * as libc from '../libc.ts'

/** FD_SETSIZE of select(2). */
const LIMIT = 1024
/** One for the library, and some for threads of Node's that open files in the same moment. */
const KEPT = 8
const EMFILE = 24

const kept: number[] = []

/** Runs `open`, which opens a descriptor that is to be below 1024. */
export function withLowDescriptor<T>(open: () => T): T {
  for (const fd of kept.splice(0)) libc.close(fd)
  try {
    return open()
  } finally {
    keepLowDescriptors()
  }
}

/** Keeps descriptors aside again; to be called when one has become free. */
export function keepLowDescriptors(): void {
  while (kept.length < KEPT) {
    const fd = libc.open('/dev/null', constants.O_RDONLY | O_CLOEXEC, 0)
    if (fd < 0) return
    if (fd >= LIMIT) {
      libc.close(fd)
      return
    }
    kept.push(fd)
  }
}

/** @throws KernelError EMFILE when select(2) cannot take `fd` */
export function mustBeLow(fd: number): void {
  if (fd >= LIMIT) throw new KernelError({ operation: 'open nftables below descriptor 1024', errno: EMFILE })
}
