/** A host of its own for the drivers whose networks stand on an interface of the host, and a machine on the other end of its wire. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createIpvlanDriver } from '../../src/engine/drivers/ipvlan/index.ts'
import { createMacvlanDriver } from '../../src/engine/drivers/macvlan/index.ts'
import { Controller, type Endpoint, type Network, type NetworkSpec, type Sandbox } from '../../src/engine/index.ts'
import { DefaultIpam } from '../../src/engine/ipam/index.ts'
import { MemoryStore } from '../../src/engine/store/memory-store.ts'
import type { DriverFactory } from '../../src/engine/surroundings.ts'
import { GuestNamespace } from './guest-namespace.ts'

/** An endpoint that is joined to a sandbox of its own. */
export interface Member {
  readonly endpoint: Endpoint
  readonly sandbox: Sandbox
  readonly address: string
}

/**
 * `parent0` of the host leads to `wire0` of the outside, a port of `switch0` there that sends frames back where they came
 * from, as VEPA wants it (IEEE 802.1Qbg); `switch0` has addresses of every test's network.
 */
export class ParentWorld {
  readonly host = new GuestNamespace('nwt-engine-host')
  readonly outside = new GuestNamespace('nwt-engine-out')
  readonly directory = mkdtempSync(join(tmpdir(), 'nwt-parents-'))
  readonly store = new MemoryStore()
  readonly notices: string[] = []
  controller!: Controller

  static async open(): Promise<ParentWorld> {
    const world = new ParentWorld()
    execFileSync('ip', [
      ...['-n', 'nwt-engine-host', 'link', 'add', 'parent0', 'type', 'veth'],
      ...['peer', 'name', 'wire0', 'netns', 'nwt-engine-out'],
    ])
    world.host.run('ip', ['link', 'set', 'parent0', 'up'])
    // In one go: starting a program takes long in the guest.
    const commands = [
      'link add switch0 type bridge mcast_snooping 0',
      'link set wire0 master switch0',
      'link set wire0 type bridge_slave hairpin on',
      'link set wire0 up',
      'link set switch0 up',
      'addr add 10.70.0.1/24 dev switch0',
      'addr add fd70::1/64 dev switch0 nodad',
    ]
    world.outside.run('ip', ['-batch', '-'], commands.join('\n'))
    await world.start()
    return world
  }

  /** Opens the controller, as a new process would. */
  async start(): Promise<void> {
    const notice = (sentence: string): void => void this.notices.push(sentence)
    this.controller = await Controller.open({
      state: join(this.directory, 'state'),
      run: join(this.directory, 'run'),
      host: this.host.namespace,
      store: this.store,
      plugins: null,
      names: null,
      drivers: new Map<string, DriverFactory>([
        ['macvlan', ({ host, store }) => createMacvlanDriver({ host, store, notice })],
        ['ipvlan', ({ host, store }) => createIpvlanDriver({ host, store, notice })],
      ]),
      ipamDrivers: new Map([['default', () => new DefaultIpam()]]),
    })
  }

  /** A network; 10.70.0.0/24 when its spec names no pools. */
  network(spec: Partial<NetworkSpec> & { readonly driver: string }): Promise<Network> {
    const pools = { ipam: [{ pool: '10.70.0.0/24', gateway: '10.70.0.1' }] }
    return this.controller.createNetwork({ name: `${spec.driver}-net`, ...pools, ...spec })
  }

  /** An endpoint in a new sandbox. */
  async member(network: Network, name: string, addresses: readonly string[]): Promise<Member> {
    const endpoint = await network.createEndpoint({ name, addresses })
    const sandbox = await this.controller.createSandbox({ containerId: name })
    await endpoint.join(sandbox)
    return { endpoint, sandbox, address: addresses[0]! }
  }

  /** Lets members go, with everything of theirs. */
  async dismiss(...members: Member[]): Promise<void> {
    for (const { endpoint, sandbox } of members) {
      await endpoint.leave(sandbox)
      await endpoint.delete()
      await sandbox.delete()
    }
  }

  /** What `ip -j` says within a sandbox. */
  // biome-ignore lint/suspicious/noExplicitAny: the documents of ip have no types
  ip(sandbox: Sandbox, ...words: string[]): any {
    return JSON.parse(this.run(sandbox, '-d', '-j', ...words))
  }

  /** Runs `ip` within a sandbox. */
  run(sandbox: Sandbox, ...words: string[]): string {
    return execFileSync('nsenter', [`--net=${sandbox.key}`, 'ip', ...words], { encoding: 'utf8' })
  }

  /** Names of a sandbox's interfaces. */
  links(sandbox: Sandbox): string[] {
    return this.ip(sandbox, 'link', 'show').map((link: { ifname: string }) => link.ifname)
  }

  /** Whether an address answers a ping from a sandbox. */
  reaches(sandbox: Sandbox, address: string, seconds = 3): boolean {
    const ping = ['busybox', 'ping', '-c', '1', '-W', String(seconds), address]
    try {
      execFileSync('nsenter', [`--net=${sandbox.key}`, ...ping], { stdio: 'pipe' })
      return true
    } catch {
      return false
    }
  }

  /** Names of the host's interfaces. */
  hostLinks(): string[] {
    return this.host.ip('link', 'show').map((link: { ifname: string }) => link.ifname)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      for (const sandbox of this.controller.sandboxes()) await sandbox.delete()
      await this.controller.close()
    } finally {
      this.host[Symbol.dispose]()
      this.outside[Symbol.dispose]()
      rmSync(this.directory, { recursive: true, force: true })
    }
  }
}
