/** Two real Docker daemons in one swarm, with networks of each kind, for a test to break and mend again. */
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Dockerd, IMAGE, startDockerd } from '../support/dockerd.ts'

/** Part of every name, so that containers of other daemons on this machine are not meant. */
const own = `g${process.pid}`

/** The daemons and what runs on them. */
export class DockerHosts {
  readonly manager: Dockerd
  readonly worker: Dockerd

  /**
   * Starts everything: on the manager the bridge networks shop (web with its port 80 published as 8080, db) and lab (tool),
   * the internal network vault (safe, key), and the overlay network back (api; far on the worker).
   */
  static async start(): Promise<DockerHosts> {
    const manager = await startDockerd({ swarm: true })
    try {
      const hosts = new DockerHosts(manager, await startDockerd({ joins: manager }))
      try {
        await hosts.#populate()
        return hosts
      } catch (error) {
        await hosts.stop()
        throw error
      }
    } catch (error) {
      await manager.stop()
      throw error
    }
  }

  private constructor(manager: Dockerd, worker: Dockerd) {
    this.manager = manager
    this.worker = worker
  }

  async #populate(): Promise<void> {
    const { manager, worker } = this
    for (const network of ['shop', 'lab']) manager.run('network', 'create', `${own}-${network}`)
    manager.run('network', 'create', '--internal', `${own}-vault`)
    manager.run('network', 'create', '--driver', 'overlay', '--attachable', `${own}-back`)
    this.#runContainer(manager, 'web', 'shop', ['--publish', '8080:80'], ['httpd', '-f', '-p', '80'])
    this.#runContainer(manager, 'db', 'shop')
    this.#runContainer(manager, 'tool', 'lab')
    this.#runContainer(manager, 'safe', 'vault')
    this.#runContainer(manager, 'key', 'vault')
    this.#runContainer(manager, 'api', 'back')
    this.#runContainer(worker, 'far', 'back')
    for (let attempt = 0; attempt < 100; attempt++) {
      if (this.succeeds('api', `ping -n -c1 -W1 ${this.addressOf('far')}`)) return
      await sleep(100)
    }
    throw new Error('the overlay network of the test does not come up')
  }

  #runContainer(
    docker: Dockerd,
    name: string,
    network: string,
    options: string[] = [],
    command = ['sleep', '1000'],
  ): void {
    docker.run(
      'run',
      '--detach',
      '--name',
      this.name(name),
      '--network',
      `${own}-${network}`,
      ...options,
      IMAGE,
      ...command,
    )
  }

  /** Full name of a container. */
  name(container: string): string {
    return `${own}-${container}`
  }

  #daemonOf(container: string): Dockerd {
    return container === 'far' ? this.worker : this.manager
  }

  /** Its process. */
  pid(container: string): number {
    return Number(this.#daemonOf(container).run('inspect', '--format', '{{.State.Pid}}', this.name(container)))
  }

  /** Its address, as Docker has recorded it. */
  addressOf(container: string): string {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
    return this.#daemonOf(container).run('inspect', '--format', format, this.name(container))
  }

  /** Path of a namespace: a container's, a daemon's host (`manager`, `worker`) or its end of the overlay network (`manager/back`). */
  path(place: string): string {
    if (place === 'manager') return `/run/netns/${this.manager.namespace}`
    if (place === 'worker') return `/run/netns/${this.worker.namespace}`
    const [host, network] = place.split('/')
    if (network === undefined) return `/proc/${this.pid(place)}/ns/net`
    const folder = `/proc/${this[host as 'manager' | 'worker'].pid}/root/run/docker/netns`
    const id = this.manager.run('network', 'inspect', '--format', '{{.Id}}', `${own}-${network}`)
    const entry = readdirSync(folder).find((name) => /^\d+-/.test(name) && id.startsWith(name.split('-')[1]!))
    return `${folder}/${entry}`
  }

  /** Inode of a namespace. */
  inode(place: string): string {
    return String(statSync(this.path(place)).ino)
  }

  /** Runs shell lines in a namespace. */
  inside(place: string, script: string): string {
    return execFileSync('nsenter', [`--net=${this.path(place)}`, 'bash', '-euc', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** Whether shell lines succeed in a namespace. */
  succeeds(place: string, script: string): boolean {
    try {
      this.inside(place, script)
      return true
    } catch {
      return false
    }
  }

  /** The same within three seconds: a neighbour that was asked for in vain is asked again only after a while. */
  async soonSucceeds(place: string, script: string): Promise<boolean> {
    const end = Date.now() + 3000
    while (!this.succeeds(place, script)) {
      if (Date.now() > end) return false
      await sleep(100)
    }
    return true
  }

  /** Name of the link in the manager's namespace (or in its end of the overlay) that leads to a container's eth0. */
  portOf(container: string, place = 'manager'): string {
    const index = /eth0@if(\d+)/.exec(this.inside(container, 'ip -o link show dev eth0'))![1]
    return /^\d+: ([^@:]+)/m.exec(this.inside(place, `ip -o link show | grep '^${index}:'`))![1]!
  }

  /** The container's MAC address. */
  macOf(container: string): string {
    return /ether (\S+)/.exec(this.inside(container, 'ip -o link show dev eth0'))![1]!
  }

  /** The bridge of a network on the manager. */
  bridgeOf(network: string): string {
    return `br-${this.manager.run('network', 'inspect', '--format', '{{.Id}}', `${own}-${network}`).slice(0, 12)}`
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    await this.worker.stop()
    await this.manager.stop()
  }
}
