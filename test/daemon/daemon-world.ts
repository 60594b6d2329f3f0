/**
 * A host of its own for a test: a network namespace, a state and a run directory, and daemons in it. The daemon lives in the
 * machine's mount namespace, as it does in earnest, so that the namespaces that it pins can be entered from here.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProgramRun, programWords, runWords } from '../support/program.ts'

/** An answer over HTTP. */
export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  /** The text, read as JSON. */
  json<T = Record<string, unknown>>(): T
}

/** A request over HTTP. */
export interface Asking {
  readonly method?: string
  /** JSON, unless it is a text. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** How long a daemon may take to serve, in milliseconds: far longer than it does. */
const START_MILLISECONDS = 20_000

/** A host with daemons. Close it. */
export class DaemonWorld {
  readonly namespace: string
  readonly directory: string
  readonly #daemons: Daemon[] = []

  /** @param purpose makes its name unique to the test file */
  constructor(purpose: string) {
    this.namespace = `nwt-${purpose}-${process.pid}`
    this.directory = mkdtempSync(join(tmpdir(), 'nwt-d-'))
    execFileSync('ip', ['netns', 'add', this.namespace])
    execFileSync('ip', ['-n', this.namespace, 'link', 'set', 'lo', 'up'])
  }

  get state(): string {
    return join(this.directory, 'state')
  }

  get run(): string {
    return join(this.directory, 'run')
  }

  get socket(): string {
    return join(this.run, 'api.sock')
  }

  get environment(): Record<string, string> {
    return { NETWRIGHT_STATE: this.state, NETWRIGHT_RUN: this.run, NO_COLOR: '1' }
  }

  /** Words that run a command in the host's network. */
  inside(...words: readonly string[]): [string, ...string[]] {
    return ['nsenter', `--net=/run/netns/${this.namespace}`, '--', ...words]
  }

  /** Runs `netwright` on this host. */
  netwright(...words: readonly string[]): ProgramRun {
    return runWords(this.inside(...programWords(words)), { environment: this.environment })
  }

  /** The same while this process goes on: for what the test itself has to answer. */
  async netwrightMeanwhile(...words: readonly string[]): Promise<ProgramRun> {
    const [file, ...rest] = this.inside(...programWords(words))
    const child = spawn(file, rest, { env: { ...process.env, ...this.environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    let [answer, remarks] = ['', '']
    child.stdout.on('data', (bytes) => (answer += String(bytes)))
    child.stderr.on('data', (bytes) => (remarks += String(bytes)))
    const [code, signal] = await once(child, 'close')
    return { code, signal, answer, remarks }
  }

  /** Starts a daemon and returns when it serves. @throws Error with its log when it ends instead */
  async startDaemon(
    words: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Daemon> {
    const [file, ...rest] = this.inside(...programWords(['daemon', ...words]))
    const child = spawn(file, rest, {
      env: { ...process.env, ...this.environment, ...environment },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const daemon = new Daemon(child)
    this.#daemons.push(daemon)
    await daemon.untilLogged('"msg":"serving"', START_MILLISECONDS)
    return daemon
  }

  /** Asks over the daemon's socket. */
  ask(path: string, asking: Asking = {}): Promise<Answer> {
    return ask({ socketPath: this.socket }, path, asking)
  }

  /** Kills its daemons, those too that do not serve yet. */
  async killAll(): Promise<void> {
    for (const daemon of this.#daemons) await daemon.kill()
  }

  /** Ends its daemons, and removes whatever they may have left. */
  async close(): Promise<void> {
    await this.killAll()
    const pins = join(this.run, 'netns')
    if (existsSync(pins)) {
      for (const name of readdirSync(pins)) execFileSync('umount', ['--lazy', join(pins, name)], { stdio: 'ignore' })
    }
    execFileSync('ip', ['netns', 'del', this.namespace])
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** A daemon that was started. */
export class Daemon {
  readonly child: ChildProcess
  log = ''

  constructor(child: ChildProcess) {
    this.child = child
    child.stderr?.on('data', (bytes) => {
      this.log += String(bytes)
    })
  }

  get pid(): number {
    return this.child.pid!
  }

  /** Waits until its log holds `words`. */
  async untilLogged(words: string, milliseconds = 5000): Promise<void> {
    const end = Date.now() + milliseconds
    while (!this.log.includes(words)) {
      if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`it ended: ${this.log}`)
      if (Date.now() > end) throw new Error(`it did not log ${words}: ${this.log}`)
      await sleep(10)
    }
  }

  /** Kills it as `kill -9` does, at once. */
  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  /** Asks it to stop. @returns its exit code */
  async stop(): Promise<number | null> {
    await this.end('SIGTERM')
    return this.child.exitCode
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const gone = once(this.child, 'exit')
    this.child.kill(signal)
    await gone
  }
}

/** Asks a server. */
export function ask(
  where: { readonly socketPath: string } | { readonly host: string; readonly port: number },
  path: string,
  { method = 'GET', body, headers = {} }: Asking = {},
): Promise<Answer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const type =
    text === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }
  return new Promise((resolve, reject) => {
    const sent = request(
      { ...where, path, method, headers: { ...type, ...headers }, agent: false },
      async (response) => {
        let received = ''
        for await (const chunk of response) received += String(chunk)
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: received,
          json: <T>() => JSON.parse(received) as T,
        })
      },
    )
    sent.once('error', reject)
    sent.end(text)
  })
}
