/**
 * Turning this process into another program within a namespace. The program inherits the process number, so its exit code,
 * the signal that ends it, its terminal and its place among the shell's jobs are passed on by nobody: they are simply its own.
 */
import { writeFileSync } from 'node:fs'
import { F_SETFD, O_NONBLOCK } from './constants.ts'
import { check, KernelError } from './errors.ts'
import * as libc from './libc.ts'
import { enter, type NamespaceHandle } from './netns/enter.ts'
import { type PrivateFile, showPrivately } from './private-files.ts'
import { readFileHere } from './read-file.ts'

/** What to run, where. */
export interface Execution {
  readonly namespace: NamespaceHandle
  /** Program (looked for in this process's PATH when it has no slash) and its arguments. */
  readonly argv: readonly [string, ...string[]]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Working directory; left as it is without one. */
  readonly cwd?: string
  /**
   * Give the program file systems of its own, in which these files stand in place of the host's and /sys shows the
   * namespace's devices. Without it the program sees the host's files as they are.
   */
  readonly files?: readonly PrivateFile[]
  /** Host name that the program sees, of up to 64 bytes; the host's own without one. */
  readonly hostname?: string
}

const CLONE_NEWUTS = 0x04000000
const F_GETFL = 3
const F_SETFL = 4
const SIG_DFL = 0

/**
 * Replaces this process by a program running in a namespace; returns only by throwing. Anything still buffered for output
 * must be written before. Node raises the soft limit of open files to the hard one, and the program inherits that.
 * @throws KernelError with operation `exec` when the program cannot be started: ENOENT, EACCES, ENOEXEC, E2BIG …;
 *   with another operation when the namespace, a directory or a mount was refused
 */
export function execInNamespace(execution: Execution): never {
  const { argv, env, cwd, files, hostname } = execution
  const variables = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
  const odd = [...argv, ...variables].find((text) => text.includes('\0'))
  if (odd !== undefined) throw new TypeError(`the argument ${JSON.stringify(odd)} holds a NUL character`)
  if (cwd !== undefined) process.chdir(cwd)
  return enter(execution.namespace, () => {
    if (hostname !== undefined) takeHostname(hostname)
    if (files !== undefined) showPrivately(files)
    restoreSignals()
    restoreStandardStreams()
    libc.execvpe(argv[0], [...argv, null], [...variables, null])
    throw new KernelError({ operation: 'exec', errno: libc.errno(), subject: argv[0] })
  })
}

/** Names of the host are those of a UTS namespace (uts_namespaces(7)); a thread that writes to the setting writes to its own. */
function takeHostname(hostname: string): void {
  check(libc.unshare(CLONE_NEWUTS), 'create UTS namespace')
  writeFileSync('/proc/sys/kernel/hostname', hostname)
}

/**
 * Ignored signals stay ignored through execve(2), and Node ignores SIGPIPE and SIGXFSZ: without this, `ns exec … yes | head`
 * would never end. Handlers need no care, since execve resets them.
 */
function restoreSignals(): void {
  const status = readFileHere('/proc/thread-self/status', 'read signal dispositions').toString('latin1')
  const ignored = BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  for (let number = 1; number <= 64; number++) {
    if ((ignored >> BigInt(number - 1)) & 1n) libc.signal(number, SIG_DFL)
  }
}

/**
 * libuv marks every descriptor that Node was started with close-on-exec, 0 to 2 among them, and puts pipes and terminals that
 * it used into non-blocking mode, which is a property of the open file that the program shares.
 */
function restoreStandardStreams(): void {
  for (const fd of [0, 1, 2]) {
    libc.fcntl(fd, F_SETFD, 0)
    const flags = libc.fcntl(fd, F_GETFL, 0)
    if (flags >= 0 && (flags & O_NONBLOCK) !== 0) libc.fcntl(fd, F_SETFL, flags & ~O_NONBLOCK)
  }
}
