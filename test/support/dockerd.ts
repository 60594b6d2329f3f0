/**
 * A real Docker daemon for a test: in a world of its own, so that it neither touches the machine nor meets the daemons of
 * other tests. It is up in about 0.7 s, with `swarm` in about 1.3 s, and gone in 0.1 s. Needs root and the Debian packages
 * docker.io, iptables, iproute2 and busybox-static.
 *
 * All daemons listen on the same path, /run/docker.sock, each in its own mount namespace.
 */
import { execFileSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { busyboxTar } from './busybox-image.ts'
import { ip, PrivateWorld } from './private-world.ts'

/** What a test asks for. */
export interface DockerdOptions {
  /** Make it the manager of a swarm; overlay networks need one. */
  readonly swarm?: boolean
  /** Join the swarm of this daemon as a worker, over a link between the two. */
  readonly joins?: Dockerd
  /** More arguments of dockerd. */
  readonly arguments?: readonly string[]
}

/** Name of the image that every daemon has: busybox with all its applets. */
export const IMAGE = 'busybox:latest'

const DOCKERD = '/usr/sbin/dockerd'
const DOCKER = '/usr/bin/docker'
const START_MILLISECONDS = 30_000
/** Interface that daemons reach each other over; on the manager a bridge. */
const UPLINK = 'uplink0'

/** Starts a daemon. Stop it, also when the test fails: `await using docker = await startDockerd()`. */
export async function startDockerd(options: DockerdOptions = {}): Promise<Dockerd> {
  const manager = options.joins
  const world = PrivateWorld.start('dockerd', (name) => [
    ...[DOCKERD, '--data-root', '/run/docker-data', '--storage-driver', 'vfs', '--cgroup-parent', `/${name}`],
    ...['--host', 'unix:///run/docker.sock', ...(options.arguments ?? [])],
  ])
  // Other tests run daemons at the same time: equal addresses would make it doubtful which of them a tunnel leads to.
  const docker = new Dockerd(world, manager?.nextAddress() ?? `10.${randomInt(128, 256)}.${randomInt(256)}.1`)
  try {
    connect(docker, manager)
    await docker.untilUp()
    docker.run('import', busyboxTar(world.directory), IMAGE)
    if (options.swarm === true) docker.run('swarm', 'init', '--advertise-addr', docker.address)
    if (manager !== undefined) {
      const token = manager.run('swarm', 'join-token', '--quiet', 'worker')
      const advertise = ['--advertise-addr', docker.address, '--token', token]
      docker.run('swarm', 'join', ...advertise, `${manager.address}:2377`)
    }
    return docker
  } catch (error) {
    const log = world.log()
    await docker.stop()
    throw new Error(`no Docker daemon for the test; its last words:\n${log.slice(-2000)}`, { cause: error })
  }
}

/** Gives the daemon's namespace an address; a worker's is linked with its manager's. */
function connect({ namespace, address }: Dockerd, manager: Dockerd | undefined): void {
  if (manager === undefined) {
    ip('-n', namespace, 'link', 'add', UPLINK, 'type', 'bridge')
  } else {
    const port = `port${address.split('.')[3]}`
    ip('-n', namespace, 'link', 'add', UPLINK, 'type', 'veth', 'peer', 'name', port, 'netns', manager.namespace)
    ip('-n', manager.namespace, 'link', 'set', port, 'master', UPLINK, 'up')
  }
  ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', UPLINK)
  ip('-n', namespace, 'link', 'set', UPLINK, 'up')
}

/** A running daemon. */
export class Dockerd {
  /** Its address towards other daemons. */
  readonly address: string
  readonly #world: PrivateWorld
  #workers = 0

  constructor(world: PrivateWorld, address: string) {
    this.#world = world
    this.address = address
  }

  /** Name of its network namespace in /run/netns. */
  get namespace(): string {
    return this.#world.name
  }

  get pid(): number {
    return this.#world.pid
  }

  /** Its socket, as it is reached from here. */
  get socket(): string {
    return `/proc/${this.pid}/root/run/docker.sock`
  }

  /** Runs the docker command against it. @returns what it printed, without white space around it */
  run(...args: string[]): string {
    const options = { encoding: 'utf8' as const, stdio: ['ignore' as const, 'pipe' as const, 'pipe' as const] }
    return execFileSync(DOCKER, ['--host', `unix://${this.socket}`, ...args], { ...options, timeout: 60_000 }).trim()
  }

  /** Starts a container that sleeps. @param options of `docker run` @returns its id */
  runContainer(name: string, ...options: string[]): string {
    return this.run('run', '--detach', '--name', name, ...options, IMAGE, 'sleep', '3600')
  }

  /** Whether a process belongs to it: the daemon, its helpers, and what runs in its containers. */
  owns(pid: number): boolean {
    return this.#world.owns(pid)
  }

  /** What the daemon logged so far. */
  log(): string {
    return this.#world.log()
  }

  /** An address for one more worker. */
  nextAddress(): string {
    this.#workers += 1
    return this.address.replace(/1$/, String(1 + this.#workers))
  }

  /** Waits until it answers. */
  async untilUp(): Promise<void> {
    const end = Date.now() + START_MILLISECONDS
    while (!(await this.#answers())) {
      if (this.#world.exitCode !== null) throw new Error(`dockerd ended with code ${this.#world.exitCode}`)
      if (Date.now() > end) throw new Error('dockerd does not answer')
      await sleep(20)
    }
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const ping = request({ socketPath: this.socket, path: '/_ping' }, (response) => {
        response.resume()
        resolve(response.statusCode === 200)
      })
      ping.on('error', () => resolve(false))
      ping.end()
    })
  }

  /** Ends it and all its containers at once. */
  async stop(): Promise<void> {
    await this.#world.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
