/** Endpoints of the engine against a C netlink loop, a real dockerd and the CNI bridge plugin, in one run. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Controller, type Endpoint, type Sandbox } from '../../src/engine/index.ts'
import { Namespace } from '../../src/kernel/index.ts'
import { startDockerd } from '../../test/support/dockerd.ts'
import { type Spread, spread } from '../measure.ts'
import { type Figure, report } from '../report.ts'
import { allocatorFigures } from './allocator.ts'
import { cniProcessFigures } from './cni-process.ts'
import { dataPathFigures } from './data-path.ts'
import { resolverFigures } from './dns.ts'

const COUNT = 100
const ROUNDS = 5
const PREFIX = 'nwt-bench-e'
const CNI = '/usr/lib/cni'

/** What joining one endpoint costs, and what taking it away costs, in milliseconds each. */
interface Costs {
  readonly add: Spread
  readonly remove: Spread
}

const work = mkdtempSync(join(tmpdir(), 'netwright-bench-'))
try {
  const ours = await engine()
  const loop = netlinkLoop()
  const docker = await dockerd()
  const cni = existsSync(join(CNI, 'bridge')) ? cniBridge() : undefined
  const figures: Figure[] = [
    against('create and join an endpoint', ours.add, 'C netlink loop', loop, { kind: 'most', value: 3 }),
    against('create and join an endpoint', ours.add, 'docker network connect', docker.add, {
      kind: 'least',
      value: 20,
    }),
    against('leave and delete an endpoint', ours.remove, 'docker network disconnect', docker.remove, {
      kind: 'least',
      value: 20,
    }),
  ]
  if (cni !== undefined) {
    figures.push(
      against('create and join an endpoint', ours.add, 'CNI bridge ADD, masquerading', cni.add, {
        kind: 'least',
        value: 8,
      }),
      against('leave and delete an endpoint', ours.remove, 'CNI bridge DEL', cni.remove, { kind: 'least', value: 8 }),
    )
  }
  if (cni !== undefined) figures.push(...(await cniProcessFigures()))
  figures.push(...(await dataPathFigures()))
  figures.push(...(await allocatorFigures()), ...(await resolverFigures()))
  if (!report('engine', figures)) process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

function against(
  what: string,
  ours: Spread,
  peer: string,
  theirs: Spread,
  bound: NonNullable<Figure['bound']>,
): Figure {
  const ratio = bound.kind === 'least' ? theirs.median / ours.median : ours.median / theirs.median
  return { what, value: milliseconds(ours), against: `${peer}: ${milliseconds(theirs)}`, ratio, bound }
}

function milliseconds({ median, least, most }: Spread): string {
  return `${median.toFixed(2)} ms (${least.toFixed(2)}–${most.toFixed(2)})`
}

async function timed(work: () => Promise<void> | void): Promise<number> {
  const start = process.hrtime.bigint()
  await work()
  return Number(process.hrtime.bigint() - start) / 1e6
}

/** A hundred endpoints on one masqueraded bridge network, in a host namespace of our own; the first round warms up. */
async function engine(): Promise<Costs> {
  const host = Namespace.create('bench host')
  const controller = await Controller.open({ state: join(work, 'state'), run: join(work, 'run'), host })
  const add: number[] = []
  const remove: number[] = []
  try {
    const network = await controller.createNetwork({
      name: 'bench',
      driver: 'bridge',
      ipam: [{ pool: '10.61.0.0/16' }],
    })
    const sandboxes: Sandbox[] = []
    for (let i = 0; i < COUNT; i++) sandboxes.push(await controller.createSandbox({ containerId: `bench${i}` }))
    for (let round = 0; round <= ROUNDS; round++) {
      const endpoints: Endpoint[] = []
      const added = await timed(async () => {
        for (const [i, sandbox] of sandboxes.entries()) {
          const endpoint = await network.createEndpoint({ name: `endpoint${i}` })
          await endpoint.join(sandbox)
          endpoints.push(endpoint)
        }
      })
      const removed = await timed(async () => {
        for (const [i, endpoint] of endpoints.entries()) {
          await endpoint.leave(sandboxes[i]!)
          await endpoint.delete()
        }
      })
      if (round === 0) continue
      add.push(added / COUNT)
      remove.push(removed / COUNT)
    }
    for (const sandbox of sandboxes) await sandbox.delete()
    await network.delete()
  } finally {
    await controller.close()
    host.close()
  }
  return { add: spread(add), remove: spread(remove) }
}

function ip(...lines: string[]): void {
  execFileSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'ignore', 'inherit'] })
}

function names(): string[] {
  return Array.from({ length: COUNT }, (_, i) => `${PREFIX}${i}`)
}

/** Runs `measure` in a world with a host namespace that has a bridge, and a hundred sandboxes. */
function inWorld<T>(measure: (host: string) => T): T {
  const host = `${PREFIX}host`
  try {
    ip(`netns add ${host}`, ...names().map((name) => `netns add ${name}`))
    execFileSync('ip', ['-n', host, 'link', 'set', 'lo', 'up'])
    return measure(host)
  } finally {
    spawnSync('ip', ['-force', '-batch', '-'], {
      input: [host, ...names()].map((name) => `netns del ${name}\n`).join(''),
    })
  }
}

function netlinkLoop(): Spread {
  const program = join(work, 'join-loop')
  execFileSync('gcc', ['-O2', '-o', program, join(import.meta.dirname, 'join-loop.c')])
  const rounds = Array.from({ length: ROUNDS }, () =>
    inWorld((host) => {
      execFileSync('ip', ['-n', host, 'link', 'add', 'br0', 'type', 'bridge'])
      execFileSync('ip', ['-n', host, 'address', 'add', '10.60.0.1/16', 'dev', 'br0'])
      execFileSync('ip', ['-n', host, 'link', 'set', 'br0', 'up'])
      const words = [`--net=/run/netns/${host}`, program, PREFIX, String(COUNT)]
      return Number(execFileSync('nsenter', words, { encoding: 'utf8' })) / 1000
    }),
  )
  return spread(rounds)
}

/** `docker network connect` and `disconnect` of a running container, as calls of its API. */
async function dockerd(): Promise<Costs> {
  await using docker = await startDockerd()
  docker.run('network', 'create', 'bench')
  docker.runContainer('bench')
  const add: number[] = []
  const remove: number[] = []
  for (let round = 0; round < ROUNDS + 1; round++) {
    const added = await timed(() => post(docker.socket, 'connect'))
    const removed = await timed(() => post(docker.socket, 'disconnect'))
    if (round === 0) continue
    add.push(added)
    remove.push(removed)
  }
  return { add: spread(add), remove: spread(remove) }
}

/** One call of the Engine API. */
function post(socketPath: string, verb: 'connect' | 'disconnect'): Promise<void> {
  const body = JSON.stringify({ Container: 'bench' })
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path: `/networks/bench/${verb}`, method: 'POST', headers }, (answer) => {
      answer.resume()
      answer.on('end', () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`${verb}: ${answer.statusCode}`)),
      )
    })
    call.on('error', reject)
    call.end(body)
  })
}

/** The plugin as a runtime calls it: one process for each verb. */
function cniBridge(): Costs {
  const network = {
    cniVersion: '1.0.0',
    name: 'bench',
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    ipMasq: true,
    ipam: { type: 'host-local', subnet: '10.62.0.0/16', dataDir: join(work, 'leases') },
  }
  return inWorld((host) => {
    const call = (verb: string, name: string): number => {
      const environment = {
        CNI_COMMAND: verb,
        CNI_CONTAINERID: name,
        CNI_NETNS: `/run/netns/${name}`,
        CNI_IFNAME: 'eth0',
        CNI_PATH: CNI,
        PATH: process.env['PATH'] ?? '',
      }
      const start = process.hrtime.bigint()
      const words = [`--net=/run/netns/${host}`, join(CNI, 'bridge')]
      execFileSync('nsenter', words, {
        input: JSON.stringify(network),
        env: environment,
        stdio: ['pipe', 'ignore', 'inherit'],
      })
      return Number(process.hrtime.bigint() - start) / 1e6
    }
    const sandboxes = names().slice(0, 20)
    const add = sandboxes.map((name) => call('ADD', name))
    const remove = sandboxes.map((name) => call('DEL', name))
    return { add: spread(add), remove: spread(remove) }
  })
}
