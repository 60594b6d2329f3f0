/**
 * A real Podman for a test, in a world of its own. It has no daemon; every command enters that world. Needs root and the
 * Debian packages podman, netavark, runc, iptables, iproute2 and busybox-static.
 */
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { busyboxTar } from './busybox-image.ts'
import { PrivateWorld } from './private-world.ts'

const PODMAN = '/usr/bin/podman'
const IMAGE = 'localhost/busybox'

const NETAVARK = ['network_backend = "netavark"', 'network_config_dir = "/run/networks"']

/** Whether Podman is installed here. */
export const hasPodman = existsSync(PODMAN) && existsSync('/usr/lib/podman/netavark')

/** Podman and its containers. Stop it, also when the test fails. */
export class Podman {
  readonly #world: PrivateWorld
  readonly #configuration: string

  private constructor(world: PrivateWorld, network: readonly string[]) {
    this.#world = world
    this.#configuration = join(world.directory, 'containers.conf')
    // The limits that Podman sets by default exceed those that a container on a test machine may set.
    const limits = ['[containers]', 'default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]']
    writeFileSync(this.#configuration, [...limits, '[network]', ...network, ''].join('\n'))
  }

  /** Makes the world and the image. @param network the section of containers.conf(5) */
  static async start(network: readonly string[] = NETAVARK): Promise<Podman> {
    const world = PrivateWorld.start('podman', () => ['sleep', 'infinity'])
    const podman = new Podman(world, network)
    try {
      podman.run('import', busyboxTar(world.directory), IMAGE)
      return podman
    } catch (error) {
      await podman.stop()
      throw error
    }
  }

  /** Runs the podman command. @returns what it printed, without white space around it */
  run(...args: string[]): string {
    const options = { encoding: 'utf8' as const, env: this.#environment(), timeout: 60_000 }
    return execFileSync('nsenter', this.#command(args), { ...options, stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  }

  /** Starts the service that speaks Docker's API, until everything is stopped. @returns its socket, as reached from here */
  async serve(): Promise<string> {
    const command = this.#command(['system', 'service', '--time', '0', 'unix:///run/podman.sock'])
    spawn('nsenter', command, { env: this.#environment(), stdio: 'ignore' })
    const socket = `/proc/${this.#world.pid}/root/run/podman.sock`
    while (!existsSync(socket)) await sleep(20)
    return socket
  }

  #environment(): NodeJS.ProcessEnv {
    return { ...process.env, CONTAINERS_CONF: this.#configuration }
  }

  #command(args: readonly string[]): string[] {
    const enter = ['--target', String(this.#world.pid), '--mount', '--net', '--uts']
    const place = ['--root', '/run/podman-data', '--runroot', '/run/podman-run', '--storage-driver', 'vfs']
    const managers = ['--cgroup-manager', 'cgroupfs', '--events-backend', 'file', '--runtime', 'runc']
    return [...enter, PODMAN, ...place, ...managers, ...args]
  }

  /** Starts a container that sleeps. @param options of `podman run` @returns its id */
  runContainer(name: string, ...options: string[]): string {
    const place = options.includes('--pod') ? [] : ['--cgroup-parent', `/${this.#world.name}`]
    return this.run('run', '--detach', '--name', name, ...place, ...options, IMAGE, 'sleep', '3600')
  }

  /** A shell script that is this Podman, for command lines that say `podman`. What it runs is cleared away with the rest. */
  get script(): string {
    const command = ['nsenter', ...this.#command([])].join(' ')
    const parent = `if [ "$1" = run ]; then shift; set -- run --cgroup-parent "/${this.#world.name}" "$@"; fi`
    return `#!/bin/sh\nexport CONTAINERS_CONF=${this.#configuration}\n${parent}\nexec ${command} "$@"\n`
  }

  /** Makes a pod with a container that holds its namespaces. */
  createPod(name: string): void {
    const infra = ['--infra-image', IMAGE, '--infra-command', 'sleep 3600', '--cgroup-parent', `/${this.#world.name}`]
    this.run('pod', 'create', '--name', name, ...infra)
  }

  /** Process id of a container's first process. */
  pidOf(container: string): number {
    return Number(this.run('inspect', '--format', '{{.State.Pid}}', container))
  }

  /** Process id of the process that stands for the host. */
  get pid(): number {
    return this.#world.pid
  }

  /** Whether a process belongs to it or its containers. */
  owns(pid: number): boolean {
    return this.#world.owns(pid)
  }

  /** Ends all containers at once. */
  async stop(): Promise<void> {
    await this.#world.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
