/** Answers for container names, 64 outstanding, of the resolver in a sandbox: against dockerd's, and dnsmasq. */
import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Forwarder } from '../../src/engine/dns/forwarder.ts'
import { NetworkNames } from '../../src/engine/dns/network-names.ts'
import { Resolver } from '../../src/engine/dns/resolver.ts'
import { Responder } from '../../src/engine/dns/responder.ts'
import { Zone } from '../../src/engine/dns/zone.ts'
import { Namespace } from '../../src/kernel/index.ts'
import { startDockerd } from '../../test/support/dockerd.ts'
import { type Spread, spread } from '../measure.ts'
import type { Figure } from '../report.ts'

const OUTSTANDING = 64
const SECONDS = 2
const ROUNDS = 5
/** The names that bench/engine/dns-load.c asks for. */
const NAMES = Array.from({ length: 16 }, (_, i) => `c${i}`)
const PREFIX = 'nwt-bench-dns'

/** A resolver to be measured. */
interface Contestant {
  readonly label: string
  /** Path of the namespace to ask in. */
  readonly path: string
  readonly rates: number[]
  readonly p99s: number[]
}

/** Asks all of them in turn, so that a machine whose speed drifts favours none. */
export async function resolverFigures(): Promise<Figure[]> {
  const work = mkdtempSync(join(tmpdir(), 'netwright-bench-'))
  const close: (() => Promise<void> | void)[] = [() => rmSync(work, { recursive: true, force: true })]
  try {
    const load = join(work, 'dns-load')
    execFileSync('gcc', ['-O2', '-o', load, join(import.meta.dirname, 'dns-load.c')])
    const [ours, docker, dnsmasq] = [startOurs(close), await startDocker(close), startDnsmasq(work, close)] as const
    for (let round = 0; round <= ROUNDS; round++) {
      for (const contestant of [ours, docker, dnsmasq]) await measure(load, contestant, round > 0)
    }
    return [
      rate(ours, docker, { kind: 'least', value: 2 }),
      rate(ours, dnsmasq),
      latency(ours, docker, { kind: 'least', value: 4 }),
      latency(ours, dnsmasq),
    ]
  } finally {
    for (const action of close.toReversed()) await action()
  }
}

async function measure(load: string, contestant: Contestant, counted: boolean): Promise<void> {
  const words = [contestant.path, String(SECONDS), String(OUTSTANDING)]
  const { stdout } = await promisify(execFile)(load, words)
  const [answers, , p99, , empty] = stdout.trim().split(' ').map(Number) as [number, number, number, number, number]
  if (empty > 0) throw new Error(`${contestant.label} did not know ${empty} of the names`)
  if (!counted) return
  contestant.rates.push(answers)
  contestant.p99s.push(p99)
}

function contestant(label: string, path: string): Contestant {
  return { label, path, rates: [], p99s: [] }
}

/** A namespace with its loopback up, gone at the end. */
function namespace(suffix: string, close: (() => void)[]): string {
  const name = `${PREFIX}-${suffix}`
  execFileSync('ip', ['netns', 'add', name])
  close.push(() => void execFileSync('ip', ['netns', 'delete', name]))
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  return name
}

function startOurs(close: (() => void)[]): Contestant {
  const name = namespace('ours', close)
  const sandbox = Namespace.open({ name })
  const network = new NetworkNames('bench')
  for (const [i, each] of NAMES.entries()) {
    network.add({ owner: each, names: [each], addresses: [`10.60.0.${i + 2}`] })
  }
  const zone = new Zone()
  zone.networks = [network]
  const responder = new Responder(zone, { searchFirst: false })
  const resolver = new Resolver({ namespace: sandbox, responder, forwarder: new Forwarder(() => []) })
  close.push(() => {
    resolver.close()
    sandbox.close()
  })
  return contestant('ours', `/run/netns/${name}`)
}

async function startDocker(close: (() => Promise<void> | void)[]): Promise<Contestant> {
  const docker = await startDockerd()
  close.push(() => docker.stop())
  docker.run('network', 'create', 'bench')
  docker.runContainer('bench', '--network', 'bench', ...NAMES.flatMap((name) => ['--network-alias', name]))
  const pid = docker.run('inspect', '--format', '{{.State.Pid}}', 'bench')
  return contestant('dockerd', `/proc/${pid}/ns/net`)
}

function startDnsmasq(work: string, close: (() => void)[]): Contestant {
  const name = namespace('dnsmasq', close)
  const hosts = join(work, 'hosts')
  writeFileSync(hosts, NAMES.map((each, i) => `10.60.0.${i + 2} ${each}\n`).join(''))
  const words = ['-d', '-C', '/dev/null', '-a', '127.0.0.11', '-z', '-R', '-h', '-H', hosts]
  const server = spawn('ip', ['netns', 'exec', name, 'dnsmasq', ...words], { stdio: 'ignore' })
  close.push(() => void server.kill())
  return contestant('dnsmasq', `/run/netns/${name}`)
}

function rate(ours: Contestant, peer: Contestant, bound?: Figure['bound']): Figure {
  const [mine, theirs] = [spread(ours.rates), spread(peer.rates)]
  return {
    what: `resolver: answers a second, ${OUTSTANDING} outstanding`,
    value: thousands(mine),
    against: `${peer.label}: ${thousands(theirs)}`,
    ratio: mine.median / theirs.median,
    ...(bound === undefined ? {} : { bound }),
  }
}

function latency(ours: Contestant, peer: Contestant, bound?: Figure['bound']): Figure {
  const [mine, theirs] = [spread(ours.p99s), spread(peer.p99s)]
  return {
    what: `resolver: 99 of 100 answers within, ${OUTSTANDING} outstanding`,
    value: microseconds(mine),
    against: `${peer.label}: ${microseconds(theirs)}`,
    ratio: theirs.median / mine.median,
    ...(bound === undefined ? {} : { bound }),
  }
}

function thousands({ median, least, most }: Spread): string {
  const text = (figure: number): string => (figure / 1000).toFixed(0)
  return `${text(median)},000 (${text(least)}–${text(most)})`
}

function microseconds({ median, least, most }: Spread): string {
  return `${median.toFixed(0)} µs (${least.toFixed(0)}–${most.toFixed(0)})`
}
