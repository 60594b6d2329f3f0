/**
 * Entering a network namespace for a synchronous section. setns(2) moves one thread only; Node's file system, DNS and
 * `.async()` calls run on other threads, so a section that awaits would do half of its work at home. Therefore a section is
 * a plain function, it returns no promise, and the thread is back where it was before anything else of the program runs.
 */
import { CLONE_NEWNET, EPERM, O_CLOEXEC, O_RDONLY } from '../constants.ts'
import { check, KernelError } from '../errors.ts'
import * as libc from '../libc.ts'
import { inodeOf } from './identity.ts'

/** Something that holds an open descriptor of a network namespace. */
export interface NamespaceHandle {
  readonly fd: number
  /** How the caller called it, for error messages. */
  readonly label?: string
}

// The namespace that this thread is in. Each worker thread has its own copy of this module.
let here = -1

/** A descriptor of the namespace that this thread lives in, opened once. */
function home(): number {
  if (here < 0) {
    here = check(libc.open('/proc/thread-self/ns/net', O_RDONLY | O_CLOEXEC, 0), 'open', '/proc/thread-self/ns/net')
  }
  return here
}

/**
 * Runs `section` with this thread in `namespace`, then comes back. Sections nest.
 * @throws KernelError when the namespace cannot be entered (EPERM without CAP_SYS_ADMIN)
 * @throws TypeError when `section` returns a promise
 */
export function enter<T>(namespace: NamespaceHandle, section: () => T): T {
  const before = home()
  if (libc.setns(namespace.fd, CLONE_NEWNET) < 0) {
    const errno = libc.errno()
    // An ordinary user may not even enter the namespace that the thread is in already.
    if (errno === EPERM && inodeOf(namespace.fd) === inodeOf(before)) return synchronous(section())
    throw new KernelError({
      operation: 'enter network namespace',
      errno,
      subject: namespace.label ?? `descriptor ${namespace.fd}`,
    })
  }
  here = namespace.fd
  let result: T
  try {
    result = section()
  } finally {
    leave(before)
  }
  return synchronous(result)
}

function synchronous<T>(result: T): T {
  if (result instanceof Promise)
    throw new TypeError('a namespace section must be synchronous, but it returned a promise')
  return result
}

/**
 * Creates a network namespace that nothing else knows, and stays at home.
 * @returns a descriptor that keeps it alive; the caller closes it
 * @throws KernelError EPERM without CAP_SYS_ADMIN
 */
export function createNamespace(): number {
  const before = home()
  check(libc.unshare(CLONE_NEWNET), 'create network namespace')
  try {
    return check(libc.open('/proc/thread-self/ns/net', O_RDONLY | O_CLOEXEC, 0), 'open', '/proc/thread-self/ns/net')
  } finally {
    leave(before)
  }
}

/** Goes back. A thread stranded in a foreign namespace would do everything that follows in the wrong place: end at once. */
function leave(before: number): void {
  if (libc.setns(before, CLONE_NEWNET) < 0) {
    process.stderr.write(`netwright: cannot return to the home network namespace (errno ${libc.errno()}); stopping\n`)
    process.abort()
  }
  here = before
}
