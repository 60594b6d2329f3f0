/** A host for container runtimes that call the CNI plugin, as a namespace of its own, and containers in others. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text as textOf } from 'node:stream/consumers'
import { NamedNamespaces } from '../support/iproute.ts'

const root = join(import.meta.dirname, '../..')

/** The plugin, as it is installed. */
export const PLUGIN = join(root, 'dist/bin/netwright-cni')

/** Builds it. */
export function buildPlugin(): void {
  run(process.execPath, join(root, 'scripts/build.mjs'), 'cni')
}

/** What a call gave. */
export interface CniOutcome {
  readonly code: number | null
  /** Undefined when nothing was printed. */
  // biome-ignore lint/suspicious/noExplicitAny: documents of the protocol, looked into by tests.
  readonly answer: any
  readonly remarks: string
}

/** Names what a call is about; the rest is the environment's. */
export interface CniRequest {
  readonly verb: string
  readonly container?: string
  /** Path of the namespace; that of the container when left out. */
  readonly netns?: string
  readonly interfaceName?: string
  readonly args?: string
  readonly configuration: object
}

/** A host whose plugin is called as a runtime calls it: as a process, with the environment and standard input. */
export class CniWorld {
  readonly names: NamedNamespaces
  readonly host: string
  readonly directory: string

  constructor(purpose: string) {
    this.names = new NamedNamespaces(purpose)
    this.host = this.names.add('host')
    this.directory = mkdtempSync(join(tmpdir(), `nwt-${purpose}-`))
    run('ip', '-n', this.host, 'link', 'set', 'lo', 'up')
  }

  /** Directories of the engine, for a configuration. */
  get places(): { stateDirectory: string; runDirectory: string } {
    return { stateDirectory: join(this.directory, 'state'), runDirectory: join(this.directory, 'run') }
  }

  /** A container: a namespace with its loopback up. @returns the name of its namespace */
  container(name: string): string {
    const full = this.names.add(name)
    run('ip', '-n', full, 'link', 'set', 'lo', 'up')
    return full
  }

  /** Calls the plugin and waits for it. */
  call(request: CniRequest): CniOutcome {
    const { environment, input } = this.#callOf(request)
    const { status, stdout, stderr } = spawnSync('nsenter', [`--net=/run/netns/${this.host}`, PLUGIN], {
      env: environment,
      input,
      encoding: 'utf8',
      timeout: 20_000,
    })
    return outcomeOf(status, stdout, stderr)
  }

  /** Calls the plugin; several calls go at the same time. */
  async callSoon(request: CniRequest): Promise<CniOutcome> {
    const { environment, input } = this.#callOf(request)
    const child = spawn('nsenter', [`--net=/run/netns/${this.host}`, PLUGIN], { env: environment, stdio: 'pipe' })
    child.stdin.end(input)
    const [answer, remarks] = [textOf(child.stdout), textOf(child.stderr)]
    const [code] = await once(child, 'close')
    return outcomeOf(code as number | null, await answer, await remarks)
  }

  #callOf({ verb, container, netns, interfaceName, args, configuration }: CniRequest) {
    const path = netns ?? (container === undefined ? '' : `/run/netns/${container}`)
    const environment = {
      PATH: process.env['PATH'],
      CNI_COMMAND: verb,
      CNI_CONTAINERID: container ?? '',
      CNI_NETNS: path,
      CNI_IFNAME: interfaceName ?? 'eth0',
      ...(args === undefined ? {} : { CNI_ARGS: args }),
    }
    return { environment, input: JSON.stringify({ ...this.places, ...configuration }) }
  }

  /** Names of a namespace's interfaces. */
  interfaces(namespace: string): string[] {
    return (JSON.parse(run('ip', '-n', namespace, '-j', 'link')) as { ifname: string }[]).map((link) => link.ifname)
  }

  /** True when an echo request is answered. */
  reaches(namespace: string, address: string): boolean {
    const words = ['netns', 'exec', namespace, 'busybox', 'ping', '-c1', '-W2', '-q', address]
    return spawnSync('ip', words, { stdio: 'ignore' }).status === 0
  }

  /** Removes everything. */
  close(): void {
    this.names.close()
    rmSync(this.directory, { recursive: true, force: true })
  }
}

/** Runs a program. @returns what it printed @throws Error when it fails */
export function run(program: string, ...words: string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 })
}

function outcomeOf(code: number | null, answer: string, remarks: string): CniOutcome {
  return { code, answer: answer === '' ? undefined : JSON.parse(answer), remarks }
}
