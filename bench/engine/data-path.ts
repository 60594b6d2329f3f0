/**
 * What a packet pays on its way: one TCP stream and UDP round trips through a network of the engine, against a bare veth pair,
 * bridge and one nftables rule, and Docker's bridge. The same load generator (iperf3, and a C loop for round trips) for all, in
 * turns, so that a machine whose speed drifts favours none.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Controller } from '../../src/engine/index.ts'
import { Namespace } from '../../src/kernel/index.ts'
import { startDockerd } from '../../test/support/dockerd.ts'
import { spread } from '../measure.ts'
import type { Figure } from '../report.ts'

const ROUNDS = 5
const SECONDS = 1
const PREFIX = 'nwt-bench-path'

/** Where packets go from and to. */
interface Way {
  /** Path of the namespace of the client. */
  readonly from: string
  /** Path of the namespace of the server. */
  readonly to: string
  readonly address: string
}

/** A network to be measured: between two of its containers, and from one out through masquerade. */
interface Contestant {
  readonly label: string
  readonly ways: Readonly<Record<Route, Way>>
}

type Route = 'bridge' | 'masquerade'
type Measure = 'stream' | 'roundTrip'
type Closing = () => unknown

const ROUTES: readonly Route[] = ['bridge', 'masquerade']
const MEASURES: readonly Measure[] = ['stream', 'roundTrip']

/** All figures of the data path. */
export async function dataPathFigures(): Promise<Figure[]> {
  const work = mkdtempSync(join(tmpdir(), 'netwright-bench-'))
  const closings: Closing[] = [() => rmSync(work, { recursive: true, force: true })]
  try {
    const echo = join(work, 'round-trip')
    execFileSync('gcc', ['-O2', '-o', echo, join(import.meta.dirname, 'round-trip.c')])
    const bare = makeBare(closings)
    const ours = await makeOurs(work, closings)
    const docker = await makeDocker(closings)
    const contestants = [bare, ours, docker]
    for (const { ways } of contestants) for (const route of ROUTES) await serve(ways[route], echo, closings)
    const samples = new Map<string, number[]>()
    for (let round = 0; round <= ROUNDS; round++) {
      // Each begins as often as the others.
      const order = contestants.map((_, i) => contestants[(i + round) % contestants.length]!)
      for (const route of ROUTES) {
        for (const measure of MEASURES) {
          for (const { label, ways } of order) {
            const figure = measure === 'stream' ? stream(ways[route]) : roundTrip(ways[route], echo)
            if (round > 0)
              samples.set(key(label, route, measure), [...(samples.get(key(label, route, measure)) ?? []), figure])
          }
        }
      }
    }
    return ROUTES.flatMap((route) =>
      MEASURES.flatMap((measure) => figures(samples, route, measure, [bare, ours, docker])),
    )
  } finally {
    for (const close of closings.toReversed()) await close()
  }
}

function key(label: string, route: Route, measure: Measure): string {
  return `${label} ${route} ${measure}`
}

function figures(
  samples: ReadonlyMap<string, readonly number[]>,
  route: Route,
  measure: Measure,
  [bare, ours, docker]: readonly [Contestant, Contestant, Contestant],
): Figure[] {
  const of = ({ label }: Contestant) => spread(samples.get(key(label, route, measure)) ?? [])
  const what = `data path, ${route}: ${measure === 'stream' ? 'one TCP stream' : 'UDP round trip'}`
  const text = (contestant: Contestant): string => {
    const { median, least, most } = of(contestant)
    const [unit, digits] = measure === 'stream' ? ['Gbit/s', 1] : ['µs', 2]
    return `${median.toFixed(digits as number)} ${unit} (${least.toFixed(digits as number)}–${most.toFixed(digits as number)})`
  }
  // Above 1 is better than the other, for both. Those of one round were measured one behind the other: the median of their
  // ratios says more than the ratio of medians where the machine's speed drifts.
  const ratio = (peer: Contestant): number => {
    const theirs = samples.get(key(peer.label, route, measure)) ?? []
    const own = samples.get(key(ours.label, route, measure)) ?? []
    return spread(own.map((value, i) => (measure === 'stream' ? value / theirs[i]! : theirs[i]! / value))).median
  }
  return [
    {
      what,
      value: text(ours),
      against: `${bare.label}: ${text(bare)}`,
      ratio: ratio(bare),
      bound: { kind: 'least', value: 0.97 },
    },
    { what, value: text(ours), against: `${docker.label}: ${text(docker)}`, ratio: ratio(docker) },
  ]
}

function enter(path: string, ...words: string[]): string[] {
  return [`--net=${path}`, ...words]
}

/** Servers of a way: one for streams, one that sends datagrams back. */
async function serve({ to, address }: Way, echo: string, closings: Closing[]): Promise<void> {
  for (const words of [
    ['iperf3', '-s', '-B', address],
    [echo, 'serve', address],
  ]) {
    const server = spawn('nsenter', enter(to, ...words), { stdio: 'ignore' })
    closings.push(() => server.kill())
  }
  await sleep(200)
}

/** Gbit/s of one TCP stream. */
function stream({ from, address }: Way): number {
  const words = enter(from, 'iperf3', '-c', address, '-t', String(SECONDS), '-J')
  const { end } = JSON.parse(execFileSync('nsenter', words, { encoding: 'utf8', maxBuffer: 1 << 26 }))
  return end.sum_received.bits_per_second / 1e9
}

/** Median microseconds of a round trip of 64 bytes over UDP. */
function roundTrip({ from, address }: Way, echo: string): number {
  return Number(execFileSync('nsenter', enter(from, echo, 'ask', address, '20000'), { encoding: 'utf8' }))
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** A namespace with its loopback up, gone at the end. */
function namespace(suffix: string, closings: Closing[]): string {
  const name = `${PREFIX}-${suffix}`
  ip('netns', 'add', name)
  closings.push(() => ip('netns', 'del', name))
  ip('-n', name, 'link', 'set', 'lo', 'up')
  return name
}

/** Another machine beside a host, linked by a veth pair. @param host path of its namespace */
function makeOutside(
  host: string,
  suffix: string,
  number: number,
  closings: Closing[],
): { path: string; address: string } {
  const name = namespace(suffix, closings)
  ip('-n', name, 'link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'out0', 'netns', host)
  ip('-n', name, 'address', 'add', `192.0.2.${number + 2}/31`, 'dev', 'up0')
  ip('-n', name, 'link', 'set', 'up0', 'up')
  execFileSync('nsenter', enter(host, 'ip', 'address', 'add', `192.0.2.${number + 3}/31`, 'dev', 'out0'))
  execFileSync('nsenter', enter(host, 'ip', 'link', 'set', 'out0', 'up'))
  return { path: `/run/netns/${name}`, address: `192.0.2.${number + 2}` }
}

/** What the work takes at least: veth pairs, a bridge, and one rule that masquerades. */
function makeBare(closings: Closing[]): Contestant {
  const [host, one, two] = ['bare', 'bare1', 'bare2'].map((suffix) => namespace(suffix, closings)) as [
    string,
    string,
    string,
  ]
  ip('-n', host, 'link', 'add', 'br0', 'type', 'bridge')
  ip('-n', host, 'address', 'add', '10.63.0.1/24', 'dev', 'br0')
  ip('-n', host, 'link', 'set', 'br0', 'up')
  for (const [i, name] of [one, two].entries()) {
    ip('-n', host, 'link', 'add', `veth${i}`, 'master', 'br0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
    ip('-n', host, 'link', 'set', `veth${i}`, 'up')
    ip('-n', name, 'address', 'add', `10.63.0.${i + 2}/24`, 'dev', 'eth0')
    ip('-n', name, 'link', 'set', 'eth0', 'up')
    ip('-n', name, 'route', 'add', 'default', 'via', '10.63.0.1')
  }
  const path = `/run/netns/${host}`
  const rule =
    'add table ip bare; add chain ip bare out { type nat hook postrouting priority 100; }; add rule ip bare out ip saddr 10.63.0.0/24 oifname != "br0" masquerade'
  execFileSync('nsenter', enter(path, 'nft', rule))
  execFileSync('nsenter', enter(path, 'sysctl', '-qw', 'net.ipv4.ip_forward=1'))
  const outside = makeOutside(path, 'bareout', 0, closings)
  return contestant('bare veth, bridge, one rule', `/run/netns/${one}`, `/run/netns/${two}`, '10.63.0.3', outside)
}

/** A network of the engine. */
async function makeOurs(work: string, closings: Closing[]): Promise<Contestant> {
  const name = namespace('ours', closings)
  const host = Namespace.open({ name })
  closings.push(() => host.close())
  const controller = await Controller.open({ state: join(work, 'state'), run: join(work, 'run'), host, plugins: null })
  closings.push(() => controller.close())
  const network = await controller.createNetwork({ name: 'bench', ipam: [{ pool: '10.64.0.0/24' }] })
  closings.push(() => network.delete())
  const ends = []
  for (const each of ['one', 'two']) {
    const sandbox = await controller.createSandbox({ containerId: `path-${each}` })
    closings.push(() => sandbox.delete())
    const endpoint = await network.createEndpoint({ name: each })
    await endpoint.join(sandbox)
    ends.push({ path: sandbox.key, address: endpoint.info().addresses[0]!.split('/')[0]! })
  }
  const outside = makeOutside(`/run/netns/${name}`, 'oursout', 2, closings)
  return contestant('ours', ends[0]!.path, ends[1]!.path, ends[1]!.address, outside)
}

/** A bridge network of a real dockerd. */
async function makeDocker(closings: Closing[]): Promise<Contestant> {
  const docker = await startDockerd()
  closings.push(() => docker.stop())
  docker.run('network', 'create', 'path')
  const inspect = (name: string, what: string): string => docker.run('inspect', '--format', what, name)
  for (const name of ['one', 'two']) docker.runContainer(name, '--network', 'path')
  const path = (name: string): string => `/proc/${inspect(name, '{{.State.Pid}}')}/ns/net`
  const address = inspect('two', '{{.NetworkSettings.Networks.path.IPAddress}}')
  const outside = makeOutside(`/run/netns/${docker.namespace}`, 'dockout', 4, closings)
  return contestant('Docker’s bridge', path('one'), path('two'), address, outside)
}

function contestant(
  label: string,
  from: string,
  to: string,
  address: string,
  outside: { readonly path: string; readonly address: string },
): Contestant {
  return {
    label,
    ways: { bridge: { from, to, address }, masquerade: { from, to: outside.path, address: outside.address } },
  }
}
