/**
 * `kill -9` of the daemon at random instants, while clients create and remove: after each start the kernel holds what the
 * store says and nothing else, and what had been answered is true. `NETWRIGHT_KILLS=200` chooses how often.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EndpointView, NetworkDetails, SandboxView } from '../../src/daemon/index.ts'
import { type Daemon, DaemonWorld } from './daemon-world.ts'

const KILLS = Number(process.env['NETWRIGHT_KILLS'] ?? 12)
const CLIENTS = 3
/** Longest time under load before a kill, in milliseconds: several rounds of every client. */
const LOAD = 250

let world: DaemonWorld
beforeEach(() => {
  world = new DaemonWorld('killed')
})
afterEach(() => world.close())

/** What the daemon has answered so far to one client, by path: true when the object is there, false when it is gone. */
type Answered = Map<string, boolean>

/** One client: makes a network, a sandbox and endpoints and takes them away again, until the daemon is gone. */
class Client {
  readonly answered: Answered = new Map()
  readonly #number: number
  #round = 0
  #pending: string | undefined

  constructor(number: number) {
    this.#number = number
  }

  async work(): Promise<void> {
    try {
      for (;;) await this.#life(`n${this.#number}x${this.#round++}`)
    } catch (error) {
      // The daemon is gone: what it was doing may have been done or not.
      if ((error as { code?: string }).code === undefined) throw error
      if (this.#pending !== undefined) this.answered.delete(this.#pending)
    }
  }

  async #life(name: string): Promise<void> {
    const network = `/v1/networks/${name}`
    const sandbox = `/v1/sandboxes/s${name}`
    await this.#post('/v1/networks', { name, ipam: [{ pool: `10.7${this.#number}.0.0/24` }] }, network)
    await this.#post('/v1/sandboxes', { containerId: `s${name}` }, sandbox)
    // No name is the beginning of an id, by which objects are found too.
    for (const endpoint of ['one', 'two']) {
      const path = `${network}/endpoints/${endpoint}`
      const portMappings = [{ protocol: 'tcp', containerPort: 80 }]
      await this.#post(`${network}/endpoints`, { name: endpoint, portMappings }, path)
      await this.#post(`${path}/join`, { sandbox: `s${name}` })
    }
    await this.#post(`${network}/endpoints/one/leave`, { sandbox: `s${name}` })
    await this.#remove(`${network}/endpoints/one`)
    // A sandbox is deleted with the endpoints that are in it: while it is being asked for, either may be there or gone.
    this.answered.delete(`${network}/endpoints/two`)
    await this.#remove(sandbox)
    this.answered.set(`${network}/endpoints/two`, false)
    await this.#remove(network)
  }

  async #post(path: string, body: object, makes?: string): Promise<void> {
    await this.#send('POST', path, body, makes)
    if (makes !== undefined) this.answered.set(makes, true)
  }

  async #remove(path: string): Promise<void> {
    await this.#send('DELETE', path, undefined, path)
    this.answered.set(path, false)
  }

  async #send(method: string, path: string, body: object | undefined, about: string | undefined): Promise<void> {
    this.#pending = about
    const { status, text } = await world.ask(path, body === undefined ? { method } : { method, body })
    if (status >= 300 && !(method === 'DELETE' && status === 404)) throw new Error(`${method} ${path}: ${text}`)
    this.#pending = undefined
  }
}

/** Everything of a kind that the daemon knows. */
async function list<T>(path: string, field: string): Promise<T[]> {
  return (await world.ask(path)).json<Record<string, T[]>>()[field]!
}

const inHost = (...words: [string, ...string[]]): string => {
  const [file, ...rest] = world.inside(...words)
  return execFileSync(file, rest, { encoding: 'utf8' })
}

/** Kernel, files and store hold the same, and what was answered is so. */
async function expectAgreement(clients: readonly Client[]): Promise<void> {
  const networks = await list<NetworkDetails>('/v1/networks', 'networks')
  const sandboxes = await list<SandboxView>('/v1/sandboxes', 'sandboxes')
  const endpoints: EndpointView[] = []
  for (const { id } of networks)
    endpoints.push(...(await list<EndpointView>(`/v1/networks/${id}/endpoints`, 'endpoints')))
  const joined = endpoints.filter(({ sandbox }) => sandbox !== null)

  const links: { ifname: string; ifalias?: string }[] = JSON.parse(inHost('ip', '-j', 'link'))
  const marked = links.filter(({ ifname }) => ifname !== 'lo').map(({ ifalias }) => ifalias?.split(':')[1])
  expect(marked.sort(), 'links').toEqual([...networks, ...joined].map(({ id }) => id).sort())
  const pins = sandboxes.map(({ id }) => id.slice(0, 12)).sort()
  expect(readdirSync(join(world.run, 'netns')).sort(), 'pins').toEqual(pins)
  const mounts = execFileSync('findmnt', ['-rno', 'TARGET', '-t', 'nsfs'], { encoding: 'utf8' }).split('\n')
  const own = mounts.filter((path) => path.startsWith(world.run)).map((path) => path.split('/').at(-1))
  expect(own.sort(), 'mounts').toEqual(pins)
  expect(readdirSync(join(world.run, 'sandboxes')).sort(), 'files').toEqual(sandboxes.map(({ id }) => id).sort())
  expect(chainsOfNetworks(), 'chains').toEqual(networks.map(({ id }) => id.slice(0, 12)).sort())
  for (const { key, endpoints: members } of sandboxes) {
    const inside = JSON.parse(execFileSync('nsenter', [`--net=${key}`, 'ip', '-j', 'link'], { encoding: 'utf8' }))
    expect(inside, 'interfaces of a sandbox').toHaveLength(1 + members.length)
  }
  for (const [path, there] of clients.flatMap(({ answered }) => [...answered])) {
    const { status } = await world.ask(path)
    expect([path, status], 'what was answered').toEqual([path, there ? 200 : 404])
  }
}

/** Networks that have a chain of rules, by the beginning of their ids. */
function chainsOfNetworks(): string[] {
  const rules = inHost('nft', 'list', 'chains', 'inet')
  return [...rules.matchAll(/chain from-([0-9a-f]{12})/g)].map((match) => match[1]!).sort()
}

async function removeAll(): Promise<void> {
  for (const { id } of await list<SandboxView>('/v1/sandboxes', 'sandboxes')) {
    await world.ask(`/v1/sandboxes/${id}`, { method: 'DELETE' })
  }
  for (const { id } of await list<NetworkDetails>('/v1/networks', 'networks')) {
    await world.ask(`/v1/networks/${id}?force=true`, { method: 'DELETE' })
  }
}

test(`${KILLS} kills under load: every next start agrees with the kernel, and nothing that was answered is lost`, {
  timeout: 60_000 + KILLS * 10_000,
}, async () => {
  let daemon: Daemon = await world.startDaemon()
  for (let kill = 0; kill < KILLS; kill++) {
    const clients = Array.from({ length: CLIENTS }, (_, number) => new Client(number))
    const working = Promise.all(clients.map((client) => client.work()))
    await Promise.race([working, sleep(Math.random() * LOAD)])
    await daemon.kill()
    await working
    // Now and then the next one does not even get to serve.
    if (kill % 4 === 3) await killWhileStarting()
    daemon = await world.startDaemon()
    await expectAgreement(clients)
    await removeAll()
  }
  expect(JSON.parse(inHost('ip', '-j', 'link')).map(({ ifname }: { ifname: string }) => ifname)).toEqual(['lo'])
})

async function killWhileStarting(): Promise<void> {
  const started = world.startDaemon().then(
    (daemon) => daemon.kill(),
    () => undefined,
  )
  await Promise.race([started, sleep(Math.random() * 400)])
  await world.killAll()
  await started
}
