/** `netwright-cni` as a runtime starts it, with the daemon and without, against the CNI bridge plugin with host-local. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Spread, spread } from '../measure.ts'
import type { Figure } from '../report.ts'

const ROOT = join(import.meta.dirname, '../..')
const OURS = join(ROOT, 'dist/bin/netwright-cni')
const PROGRAM = join(ROOT, 'dist/bin/netwright.cjs')
const PEERS = '/usr/lib/cni'
const COUNT = 20
const PREFIX = 'nwt-bench-c'

/** A plugin to be measured, on a host of its own. */
interface Contestant {
  readonly label: string
  readonly host: string
  readonly plugin: string
  readonly configuration: Record<string, unknown>
  readonly add: number[]
  readonly remove: number[]
}

/** Figures of whole processes: ADD and DEL. */
export async function cniProcessFigures(): Promise<Figure[]> {
  const work = mkdtempSync(join(tmpdir(), 'netwright-bench-'))
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs'), 'cni'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const namespaces: string[] = []
  const daemon = { end: async () => {} }
  try {
    const host = (suffix: string): string => addNamespace(`${PREFIX}-${suffix}`, namespaces)
    const [served, alone, bridge] = [
      ours('ours, with the daemon', host('served'), join(work, 'served')),
      ours('ours, without', host('alone'), join(work, 'alone')),
      peer(host('bridge'), join(work, 'leases')),
    ] as const
    daemon.end = await startDaemon(served.host, join(work, 'served'))
    const containers = Array.from({ length: COUNT }, (_, i) => addNamespace(`${PREFIX}-${i}`, namespaces))
    // The first call makes the network.
    for (const container of containers) {
      for (const contestant of [served, alone, bridge]) measure(contestant, container, container !== containers[0])
    }
    const [fast, slow, theirs] = [served, alone, bridge].map(({ add }) => spread(add)) as [Spread, Spread, Spread]
    const figure = (label: string, mine: Spread, against: Spread): Figure => ({
      what: `ADD as a whole process, ${label}`,
      value: milliseconds(mine),
      against: `CNI bridge, masquerading: ${milliseconds(against)}`,
      ratio: against.median / mine.median,
    })
    const removed = (each: Contestant): Spread => spread(each.remove)
    return [
      { ...figure('with the daemon', fast, theirs), bound: { kind: 'least', value: 1 } },
      figure('without the daemon', slow, theirs),
      {
        ...figure('with the daemon', removed(served), removed(bridge)),
        what: 'DEL as a whole process, with the daemon',
      },
    ]
  } finally {
    await daemon.end()
    for (const name of namespaces) execFileSync('ip', ['netns', 'del', name])
    rmSync(work, { recursive: true, force: true })
  }
}

function addNamespace(name: string, namespaces: string[]): string {
  execFileSync('ip', ['netns', 'add', name])
  namespaces.push(name)
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  return name
}

function ours(label: string, host: string, directory: string): Contestant {
  const places = { stateDirectory: join(directory, 'state'), runDirectory: join(directory, 'run') }
  const configuration = { type: 'netwright', bridge: 'cni0', ipMasq: true, ipam: { subnet: '10.65.0.0/16' }, ...places }
  return { label, host, plugin: OURS, configuration, add: [], remove: [] }
}

function peer(host: string, dataDir: string): Contestant {
  const ipam = { type: 'host-local', subnet: '10.65.0.0/16', dataDir }
  const configuration = { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: true, ipam }
  return { label: 'CNI bridge', host, plugin: join(PEERS, 'bridge'), configuration, add: [], remove: [] }
}

/** Starts the daemon as a process. @returns what ends it */
async function startDaemon(host: string, directory: string): Promise<() => Promise<void>> {
  const words = [`--net=/run/netns/${host}`, process.execPath, PROGRAM, 'daemon', '--docker-plugin', 'none']
  const environment = {
    ...process.env,
    NETWRIGHT_STATE: join(directory, 'state'),
    NETWRIGHT_RUN: join(directory, 'run'),
  }
  const daemon = spawn('nsenter', words, { env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
  const exit = once(daemon, 'exit')
  await new Promise<void>((resolve, reject) => {
    let log = ''
    daemon.stderr.setEncoding('utf8').on('data', (chunk) => {
      log += chunk
      if (log.includes('"msg":"serving"')) resolve()
    })
    daemon.once('exit', () => reject(new Error(`the daemon ended: ${log}`)))
  })
  return async () => {
    daemon.kill()
    await exit
  }
}

/** One container's ADD and DEL. */
function measure(contestant: Contestant, container: string, counted: boolean): void {
  const [add, remove] = [call(contestant, 'ADD', container), call(contestant, 'DEL', container)]
  if (!counted) return
  contestant.add.push(add)
  contestant.remove.push(remove)
}

/** Milliseconds of one call, from the start of the process to its end. */
function call({ label, host, plugin, configuration }: Contestant, verb: string, container: string): number {
  const environment = {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: container,
    CNI_NETNS: `/run/netns/${container}`,
    CNI_IFNAME: 'eth0',
    CNI_PATH: PEERS,
    PATH: process.env['PATH'] ?? '',
  }
  const input = JSON.stringify({ cniVersion: '1.0.0', name: 'bench', ...configuration })
  const start = process.hrtime.bigint()
  try {
    execFileSync('nsenter', [`--net=/run/netns/${host}`, plugin], { input, env: environment, stdio: 'pipe' })
  } catch (error) {
    throw new Error(`${label}: ${verb} failed: ${String((error as { stdout?: Buffer }).stdout)}`, { cause: error })
  }
  return Number(process.hrtime.bigint() - start) / 1e6
}

function milliseconds({ median, least, most }: Spread): string {
  return `${median.toFixed(1)} ms (${least.toFixed(1)}–${most.toFixed(1)})`
}
