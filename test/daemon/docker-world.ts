/** A host with a real dockerd and `netwright daemon` beside it, both where they usually are. Both can be ended and started again. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { busyboxTar } from '../support/busybox-image.ts'
import { PrivateWorld } from '../support/private-world.ts'
import { programWords } from '../support/program.ts'

const SOCKET = '/run/docker.sock'
const IMAGE = 'busybox:latest'
/** Not wget of busybox: linked statically, it crashes where the C library wants to load modules for look-ups. */
const FETCH = `fetch(process.argv[1], { signal: AbortSignal.timeout(2000) })
  .then((answer) => answer.text()).then((text) => process.stdout.write(text))`
const START_MILLISECONDS = 30_000

/** A host with dockerd and the plugin. Close it, also when the test fails. */
export class DockerWorld {
  readonly #world: PrivateWorld
  #plugin: ChildProcess | undefined
  #dockerd: ChildProcess | undefined

  private constructor(world: PrivateWorld) {
    this.#world = world
  }

  static async start(): Promise<DockerWorld> {
    const world = new DockerWorld(PrivateWorld.start('plugin', () => ['sleep', 'infinity']))
    try {
      await world.#untilMounted()
      await world.startPlugin()
      await world.startDockerd()
      world.docker('import', busyboxTar(world.#world.directory), IMAGE)
      return world
    } catch (error) {
      const log = world.log()
      await world.close()
      throw new Error(`no dockerd with the plugin; last words:\n${log.slice(-3000)}`, { cause: error })
    }
  }

  /** Runs the docker command. @returns what it printed, without white space around it @throws Error when it fails */
  docker(...words: string[]): string {
    return execFileSync('docker', ['--host', `unix:///proc/${this.#world.pid}/root${SOCKET}`, ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    }).trim()
  }

  /** Starts a container that comes back with dockerd. */
  runContainer(name: string, options: readonly string[], command: readonly string[] = ['sleep', '3600']): void {
    const usual = ['--detach', '--name', name, '--restart', 'always', '--stop-timeout', '0']
    this.docker('run', ...usual, ...options, IMAGE, ...command)
  }

  /** True when one container gets an answer from another by its name. */
  async pings(from: string, name: string): Promise<boolean> {
    return this.#soon(() => this.docker('exec', from, 'ping', '-c1', '-W1', '-q', name))
  }

  /** What a web server answers to the host; undefined when nothing comes for a while. */
  async fetch(url: string): Promise<string | undefined> {
    let text: string | undefined
    await this.#soon(() => {
      text = this.inHost(process.execPath, '-e', FETCH, url)
    })
    return text
  }

  /** Runs a program in the host's namespaces. @throws Error when it fails */
  inHost(...command: string[]): string {
    return execFileSync('nsenter', [...this.#enter(), ...command], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Runs a command line in the host's namespaces. @returns its exit code, and what it said */
  shell(command: string): { readonly code: number | null; readonly remarks: string } {
    const { status, stderr } = spawnSync('nsenter', [...this.#enter(), 'bash', '-c', command], {
      encoding: 'utf8',
      timeout: 30_000,
    })
    return { code: status, remarks: stderr }
  }

  /** Names of the host's interfaces. */
  interfaces(): string[] {
    return (JSON.parse(this.inHost('ip', '-j', 'link')) as { ifname: string }[]).map((link) => link.ifname)
  }

  /** Starts the daemon, which is the plugin, and waits until it answers. */
  async startPlugin(): Promise<void> {
    const path = join(this.#world.directory, 'plugin.log')
    const before = existsSync(path) ? readFileSync(path, 'utf8').length : 0
    const log = openSync(path, 'a')
    const { NETWRIGHT_RUN: _, NETWRIGHT_STATE: __, ...environment } = process.env
    const words = [...this.#enter(), ...programWords(['daemon'])]
    const plugin = spawn('nsenter', words, { env: environment, stdio: ['ignore', 'ignore', log] })
    this.#plugin = plugin
    closeSync(log)
    const deadline = Date.now() + START_MILLISECONDS
    while (!readFileSync(path, 'utf8').slice(before).includes('"msg":"serving"')) {
      if (plugin.exitCode !== null || Date.now() > deadline) throw new Error('the daemon does not serve')
      await sleep(10)
    }
  }

  /** Ends the plugin. */
  async endPlugin(signal: NodeJS.Signals): Promise<void> {
    await end(this.#plugin, signal)
  }

  /** Starts dockerd and waits until it answers. */
  async startDockerd(): Promise<void> {
    const command = [
      ...['/usr/sbin/dockerd', '--data-root', '/run/docker-data', '--storage-driver', 'vfs'],
      ...['--cgroup-parent', `/${this.#world.name}`, '--host', `unix://${SOCKET}`],
    ]
    const log = openSync(join(this.#world.directory, 'dockerd.log'), 'a')
    this.#dockerd = spawn('nsenter', [...this.#enter(), ...command], { stdio: ['ignore', log, log] })
    closeSync(log)
    const words = ['--host', `unix:///proc/${this.#world.pid}/root${SOCKET}`, 'info']
    const deadline = Date.now() + START_MILLISECONDS
    while (spawnSync('docker', words, { stdio: 'ignore' }).status !== 0) {
      if (this.#dockerd.exitCode !== null || Date.now() > deadline) throw new Error('dockerd does not answer')
      await sleep(50)
    }
  }

  /** Ends dockerd; its containers end with it. */
  async endDockerd(): Promise<void> {
    await end(this.#dockerd, 'SIGTERM')
  }

  /** Kills dockerd and its containerd, which would be in the way of the next one. Containers stay. */
  async killDockerd(): Promise<void> {
    const file = `/proc/${this.#world.pid}/root/run/docker/containerd/containerd.pid`
    const containerd = Number(readFileSync(file, 'utf8'))
    await end(this.#dockerd, 'SIGKILL')
    process.kill(containerd, 'SIGKILL')
    while (existsSync(`/proc/${containerd}/exe`)) await sleep(10)
    // Where nobody collects orphans it stays as a zombie, which dockerd would take for a living containerd.
    rmSync(file)
  }

  /** What plugin and dockerd said. */
  log(): string {
    const read = (name: string): string => {
      try {
        return readFileSync(join(this.#world.directory, name), 'utf8')
      } catch {
        return ''
      }
    }
    return `plugin:\n${read('plugin.log').slice(-1500)}\ndockerd:\n${read('dockerd.log').slice(-2500)}`
  }

  /** Ends everything at once. */
  async close(): Promise<void> {
    await this.#world.stop()
  }

  #enter(): string[] {
    return ['--target', String(this.#world.pid), '--mount', '--net', '--uts']
  }

  /** The first program mounts empty file systems before it becomes what it is to be. */
  async #untilMounted(): Promise<void> {
    while (!readFileSync(`/proc/${this.#world.pid}/cmdline`, 'utf8').startsWith('sleep')) await sleep(10)
  }

  async #soon(attempt: () => void): Promise<boolean> {
    for (let attempts = 0; attempts < 20; attempts++) {
      try {
        attempt()
        return true
      } catch {
        await sleep(100)
      }
    }
    return false
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill(signal)
  await ended
}
