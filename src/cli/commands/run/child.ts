/** The program that `run` looks after: started, signalled, and imitated in its end. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { isatty } from 'node:tty'

/** How a program ended. */
export interface ChildEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** Signals that ask a program for something; whoever sends them to us means it. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const
/** A terminal sends these to every process in its foreground, so the program has them already. */
const BY_TERMINAL = ['SIGINT', 'SIGQUIT'] as const

/**
 * Starts this program again with other words, and waits until it ends. Signals are the child's business meanwhile: none of
 * them ends us.
 * @param asked aborted when somebody asked us to stop before the child was there
 */
export async function runChild(words: readonly string[], asked: AbortSignal): Promise<ChildEnd> {
  const [program, ...rest] = [...process.execArgv, process.argv[1] ?? '', ...words]
  const child = spawn(process.execPath, [program ?? '', ...rest], { stdio: 'inherit' })
  const pass = (signal: NodeJS.Signals): void => {
    child.kill(signal)
  }
  const leave = (): void => {}
  for (const signal of [...PASSED_ON, ...BY_TERMINAL]) process.removeAllListeners(signal)
  for (const signal of PASSED_ON) process.on(signal, pass)
  for (const signal of BY_TERMINAL) process.on(signal, isatty(0) ? leave : pass)
  if (asked.aborted) child.kill('SIGTERM')
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null]
  return { code, signal }
}

/** Ends like the program: its exit code is the answer; after a signal we die of the same one, as a shell would see it. */
export function endAs({ code, signal }: ChildEnd): number | Promise<number> {
  if (signal === null) return code ?? 0
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
  // It has come before the next instruction, unless it is one that this process does not die of.
  return new Promise((resolve) => setTimeout(resolve, 1000, 128))
}
