/**
 * Scanning ports and sweeping addresses, against nmap and fping in the same world. Our times are those that the program
 * measures from its first packet to its last answer, as nmap's own are; whole processes, Node's start and the survey of the
 * host with them, stand beside.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type Spread, spread } from '../measure.ts'
import { type Figure, report } from '../report.ts'

const program = join(import.meta.dirname, '../../dist/bin/netwright.cjs')
const RUNS = 7
const CLIENT = 'nwt-scanbench-client'
const SERVER = 'nwt-scanbench-server'
const PEER = '10.91.0.2'
/** Everybody but the client is the server, which has all other addresses. */
const RANGE = '10.91.0.0/24'
/** Of 1,000 ports so many are dropped by a rule. */
const FILTERED = 950
const TIMEOUT = 1000

/** Milliseconds of several runs. */
interface Timed {
  readonly inside: Spread
  readonly whole: Spread
}

remove()
try {
  make()
  const figures = [
    ...ports('1,000 ports open or closed', undefined),
    ...withFilter(() => filteredPorts()),
    ...addresses(),
  ]
  if (!report('scan', figures)) process.exitCode = 1
} finally {
  remove()
}

function make(): void {
  const others = Array.from({ length: 253 }, (_, i) => `addr add 10.91.0.${i + 2}/24 dev e0`)
  batch([
    `netns add ${CLIENT}`,
    `netns add ${SERVER}`,
    `link add e0 netns ${CLIENT} type veth peer name e0 netns ${SERVER}`,
  ])
  batch(['addr add 10.91.0.1/24 dev e0', 'link set e0 up', 'link set lo up'], CLIENT)
  batch([...others, 'link set e0 up', 'link set lo up'], SERVER)
  // Until the kernel has seen that both ends are up, nothing passes.
  while (!execFileSync('ip', ['-n', CLIENT, 'link', 'show', 'e0'], { encoding: 'utf8' }).includes('state UP')) sleep(20)
}

function remove(): void {
  for (const name of [CLIENT, SERVER]) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' })
}

function batch(lines: readonly string[], inside?: string): void {
  const words = [...(inside === undefined ? [] : ['-n', inside]), '-batch', '-']
  execFileSync('ip', words, { input: `${lines.join('\n')}\n`, stdio: ['pipe', 'ignore', 'inherit'] })
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}

function withFilter<T>(measure: () => T): T {
  const rules = `table ip bench { chain in { type filter hook input priority 0; tcp dport 1-${FILTERED} drop; }\n}\n`
  nft(rules)
  try {
    return measure()
  } finally {
    nft('delete table ip bench\n')
  }
}

function nft(input: string): void {
  execFileSync('ip', ['netns', 'exec', SERVER, 'nft', '-f', '-'], { input })
}

/** @param most the bound of our own time in milliseconds; nmap's when left out */
function ports(what: string, most: number | undefined): Figure[] {
  const scan =
    (...more: readonly string[]) =>
    () =>
      ours('scan', `ns:${CLIENT}`, PEER, '--ports', '1-1000', '--timeout', `${TIMEOUT}ms`, ...more)
  const [half, connecting, theirs] = inTurn([scan(), scan('--connect'), () => nmap('-Pn', '-sT', '-p1-1000', PEER)])
  const against = `nmap -sT: ${milliseconds(theirs!.inside)}`
  const held = most ?? theirs!.inside.median
  return [
    {
      what,
      value: milliseconds(half!.inside),
      against,
      ratio: half!.inside.median / held,
      bound: { kind: 'most', value: 1 },
    },
    { what: `${what}, --connect`, value: milliseconds(connecting!.inside), against },
    {
      what: `${what}, whole process`,
      value: milliseconds(half!.whole),
      against: `nmap -sT: ${milliseconds(theirs!.whole)}`,
    },
  ]
}

/** What is dropped cannot be known before its time is over: that is the bound, and a fifth for sending twice. */
function filteredPorts(): Figure[] {
  return ports(`1,000 ports, ${FILTERED} of them filtered, time-out 1 s`, TIMEOUT * 1.2)
}

function addresses(): Figure[] {
  const [sweep, byFping, byNmap] = inTurn([
    () => ours('scan', `ns:${CLIENT}`, RANGE),
    () => timed(['fping', '-a', '-q', '-r', '0', '-i', '1', '-g', '10.91.0.1', '10.91.0.254']),
    () => nmap('-sn', RANGE),
  ])
  const against = `fping: ${milliseconds(byFping!.whole)}, nmap -sn: ${milliseconds(byNmap!.inside)}`
  const best = Math.min(byFping!.whole.median, byNmap!.inside.median)
  const what = '254 addresses in use, swept'
  return [
    {
      what,
      value: milliseconds(sweep!.inside),
      against,
      ratio: sweep!.inside.median / best,
      bound: { kind: 'most', value: 1 },
    },
    {
      what: `${what}, whole process`,
      value: milliseconds(sweep!.whole),
      against: `nmap -sn: ${milliseconds(byNmap!.whole)}`,
    },
  ]
}

interface Run {
  readonly inside: number
  readonly whole: number
}

/** Runs them in turn, so that a machine whose speed drifts favours none; the first round is not counted. */
function inTurn(runs: readonly (() => Run)[]): Timed[] {
  const rounds = Array.from({ length: RUNS + 1 }, () => runs.map((run) => run())).slice(1)
  return runs.map((_, i) => ({
    inside: spread(rounds.map((round) => round[i]!.inside)),
    whole: spread(rounds.map((round) => round[i]!.whole)),
  }))
}

function ours(...words: readonly string[]): Run {
  const { output, milliseconds: whole } = runIn([process.execPath, program, 'probe', ...words, '--json'])
  const { sweep, scans } = JSON.parse(output) as Record<'sweep' | 'scans', unknown>
  const [measured] = [sweep ?? [], scans].flat() as { milliseconds: number }[]
  return { inside: measured!.milliseconds, whole }
}

/** nmap's own time is that of its report: from its start to its end without the loading of its files. */
function nmap(...words: readonly string[]): Run {
  const run = timed(['ip', 'netns', 'exec', CLIENT, 'nmap', '-n', '-oX', '-', ...words])
  const elapsed = /elapsed="([\d.]+)"/.exec(run.output)?.[1]
  return { inside: Number(elapsed) * 1000, whole: run.whole }
}

function timed(words: readonly string[]): Run & { readonly output: string } {
  const inside = words[0] === 'ip' ? words : ['ip', 'netns', 'exec', CLIENT, ...words]
  const { output, milliseconds: whole } = runIn(inside)
  return { inside: whole, whole, output }
}

function runIn([file, ...words]: readonly string[]): { readonly output: string; readonly milliseconds: number } {
  const start = performance.now()
  const { status, stdout, stderr } = spawnSync(file!, words, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const spent = performance.now() - start
  // fping tells by 1 that some address was silent.
  if (status !== 0 && !(words.includes('fping') && status === 1))
    throw new Error(`${file} ${words.join(' ')} failed: ${stderr}`)
  return { output: stdout, milliseconds: spent }
}

function milliseconds({ median, least, most }: Spread): string {
  return `${median.toFixed(1)} ms (${least.toFixed(1)}–${most.toFixed(1)})`
}
