/** Child processes that do nothing but hold something. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { basename } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A child that was started. */
export type Holder = ChildProcess & { readonly pid: number }

/** Number under which a child has the descriptor that it was given. */
export const GIVEN = 3

/** Starts `sleep` with a copy of one of our descriptors. */
export function holdDescriptor(fd: number): Holder {
  return started(spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', fd] }))
}

/** What a child gets. */
export interface HoldOptions {
  /** A descriptor that its script finds under the number 3, and that it no longer has afterwards. */
  readonly given?: number
  /** What it becomes, as a shell writes it: a program that can be told to sleep. */
  readonly program?: string
  /** The name that the kernel then knows it by. */
  readonly comm?: string
}

/** Runs a shell script through a command as `unshare --net`, and returns when the child has become a sleeping program. */
export async function holdAfter(
  command: readonly [string, ...string[]],
  script: string,
  { given, program = 'sleep', comm = basename(program) }: HoldOptions = {},
): Promise<Holder> {
  const [file, ...rest] = command
  const child = started(
    spawn(file, [...rest, 'sh', '-c', `${script} && exec ${program} 600 3<&-`], {
      stdio: ['ignore', 'ignore', 'inherit', given ?? 'ignore'],
    }),
  )
  try {
    await until(() => readFileSync(`/proc/${child.pid}/comm`, 'utf8') === `${comm}\n`)
  } catch (error) {
    await end(child)
    throw error
  }
  return child
}

/** Ends a child and waits until it is gone. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** Inode of a process's network namespace, as readlink shows it. */
export function namespaceOf(pid: number | 'self'): string {
  return readlinkSync(`/proc/${pid}/ns/net`).slice('net:['.length, -1)
}

/** Waits until `condition` holds. @throws Error after twenty seconds */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000; turn++) {
    if (condition()) return
    await sleep(10)
  }
  throw new Error('waited for twenty seconds in vain')
}

function started(child: ChildProcess): Holder {
  if (child.pid === undefined) throw new Error('the child did not start')
  return child as Holder
}
