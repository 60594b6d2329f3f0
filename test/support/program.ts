/** The built program, as a process of its own. The launcher builds it when a source is newer. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const PROGRAM = join(ROOT, 'dist/bin/netwright.cjs')
execFileSync(join(ROOT, 'netwright'), ['--version'], { stdio: 'ignore' })

/** How a run ended, and what it said. */
export interface ProgramRun {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly answer: string
  readonly remarks: string
}

/** Words that start the program. */
export function programWords(words: readonly string[]): [string, ...string[]] {
  return [process.execPath, PROGRAM, ...words]
}

/** Runs `netwright` with these words, and `input` on its standard input. */
export function runProgram(words: readonly string[], options: RunOptions = {}): ProgramRun {
  return runWords(programWords(words), options)
}

/** What a program is run with. */
export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly input?: string
  /** Run it as this user. */
  readonly uid?: number
}

/** Runs a command, `netwright` behind `nsenter` for instance. */
export function runWords([file, ...rest]: readonly [string, ...string[]], options: RunOptions = {}): ProgramRun {
  const { status, signal, stdout, stderr, error } = spawnSync(file, rest, {
    encoding: 'utf8',
    input: options.input ?? '',
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    env: { ...process.env, NO_COLOR: '1', ...options.environment },
    timeout: 25_000,
    maxBuffer: 64 * 1024 * 1024,
  })
  if (error !== undefined) throw error
  return { code: status, signal, answer: stdout, remarks: stderr }
}

/**
 * Runs `netwright` while the test goes on, so that the test itself can answer its questions.
 * @param milliseconds when to interrupt it, as Ctrl-C does
 */
export async function runProgramAside(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  milliseconds = 20_000,
): Promise<ProgramRun> {
  const [node, ...rest] = programWords(words)
  const child = spawn(node, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', ...environment },
  })
  const text = { answer: '', remarks: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text.answer += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk) => (text.remarks += chunk))
  const interruption = setTimeout(() => child.kill('SIGINT'), milliseconds)
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  clearTimeout(interruption)
  return { code, signal, ...text }
}

/**
 * Starts a program that says something when it is ready, and then lives until it is killed.
 * @returns when it has said so
 */
export async function startHolder(
  file: string,
  words: readonly string[],
): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(file, words, { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  return child as ChildProcess & { readonly pid: number }
}
