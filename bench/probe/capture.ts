/**
 * Capturing to a file beside tcpdump: the same packets, on the same link, into the same kind of file system; first at rising rates,
 * to find the highest at which nothing is lost, then what it costs. And lines: how many a second, beside tcpdump and tshark.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Figure } from '../report.ts'
import { FLOOD_LINK, type LinkedPair } from './linked-pair.ts'

const PACKETS = 1_500_000
const FRAME_BYTES = 60
/** Memory that both give to the kernel's ring. */
const RING_KIB = 16_384
/** 0 is as fast as it goes. */
const RATES = [200_000, 400_000, 600_000, 800_000, 1_000_000, 1_200_000, 0]

/** One capture: what it saw, and what it cost. */
interface Run {
  readonly seen: number
  readonly lost: number
  /** Packets a second that were sent. */
  readonly rate: number
  /** Seconds of processor time for the whole process. */
  readonly processor: number
}

/** All figures of captures. */
export async function benchCapture(pair: LinkedPair, program: string, work: string): Promise<Figure[]> {
  const flood = join(work, 'packet-flood')
  execFileSync('gcc', ['-O2', '-o', flood, join(import.meta.dirname, 'packet-flood.c')])
  const file = join(work, 'trace')
  const capturers = {
    ours: (): Captured => netwright(program, pair, file),
    theirs: (): Captured => tcpdump(pair, file),
  }
  const best = { ours: 0, theirs: 0 }
  const last: Partial<Record<keyof typeof capturers, Run>> = {}
  for (const rate of RATES) {
    for (const name of ['ours', 'theirs'] as const) {
      const run = await flooded(capturers[name](), pair, flood, rate)
      if (run.lost === 0) best[name] = Math.max(best[name], run.rate)
      last[name] = run
    }
  }
  await flooded(tcpdump(pair, file), pair, flood, 200_000)
  const lines = benchLines(program, file)
  rmSync(file, { force: true })
  return [
    {
      what: 'capture to a file, highest rate without loss',
      value: perSecond(best.ours),
      against: `tcpdump: ${perSecond(best.theirs)}`,
      // What the generator gives varies from run to run: both may have been given all that there is.
      ratio: best.ours / best.theirs,
      bound: { kind: 'least', value: 0.9 },
    },
    {
      what: `processor time of capturing ${PACKETS} packets, whole process`,
      value: `${last.ours!.processor.toFixed(2)} s`,
      against: `tcpdump: ${last.theirs!.processor.toFixed(2)} s`,
    },
    ...lines,
  ]
}

/** A program that captures until it is interrupted. */
interface Captured {
  readonly words: readonly string[]
  readonly ready: RegExp
  /** What it says at its end: packets seen, packets lost. */
  read(remarks: string): { readonly seen: number; readonly lost: number }
}

function netwright(program: string, { right }: LinkedPair, file: string): Captured {
  return {
    words: [
      process.execPath,
      program,
      'capture',
      `ns:${right}`,
      '-i',
      FLOOD_LINK,
      '--buffer',
      `${RING_KIB}Ki`,
      '-w',
      file,
    ],
    ready: /capturing at/,
    read: (remarks) => ({
      seen: Number(/: (\d+) packets/.exec(remarks)?.[1] ?? 0),
      lost: Number(/lost (\d+)/.exec(remarks)?.[1] ?? 0),
    }),
  }
}

function tcpdump({ right }: LinkedPair, file: string): Captured {
  const words = ['tcpdump', '-i', FLOOD_LINK, '-n', '-p', '-Z', 'root', '-B', String(RING_KIB), '-w', file]
  return {
    words: ['ip', 'netns', 'exec', right, ...words],
    ready: /listening on/,
    read: (remarks) => ({
      seen: Number(/(\d+) packets? captured/.exec(remarks)?.[1] ?? 0),
      lost: Number(/(\d+) packets? dropped by kernel/.exec(remarks)?.[1] ?? 0),
    }),
  }
}

async function flooded(captured: Captured, { left }: LinkedPair, flood: string, rate: number): Promise<Run> {
  const child = spawn('/usr/bin/time', ['-f', 'cost %U %S', ...captured.words], { stdio: ['ignore', 'ignore', 'pipe'] })
  let remarks = ''
  child.stderr.setEncoding('utf8')
  await new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (part: string) => {
      remarks += part
      if (captured.ready.test(remarks)) resolve()
    })
    child.once('exit', () => reject(new Error(`${captured.words.join(' ')} ended: ${remarks}`)))
  })
  const words = ['netns', 'exec', left, flood, FLOOD_LINK, String(PACKETS), String(rate), String(FRAME_BYTES)]
  const [sent = '0', seconds = '1'] = execFileSync('ip', words, { encoding: 'utf8' }).trim().split(' ')
  await new Promise((resolve) => setTimeout(resolve, 500))
  interruptChildOf(child.pid!)
  await once(child, 'close')
  const { seen, lost } = captured.read(remarks)
  const [, user = '0', system = '0'] = /cost ([\d.]+) ([\d.]+)/.exec(remarks) ?? []
  // tcpdump does not count what it had not read when it was interrupted: those are in its ring, and not lost.
  if (seen + lost < Number(sent) * 0.98) throw new Error(`${seen} seen and ${lost} lost of ${sent}: ${remarks}`)
  return { seen, lost, rate: Number(sent) / Number(seconds), processor: Number(user) + Number(system) }
}

/** time(1) does not pass signals on: its child is the program, or `ip netns exec`, which has become the program. */
function interruptChildOf(pid: number): void {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
  process.kill(Number(stdout.trim()), 'SIGINT')
}

/** Lines of a file of many packets. */
function benchLines(program: string, file: string): Figure[] {
  const count = Math.floor((statSync(file).size - 24) / (FRAME_BYTES + 16))
  const time = (words: readonly string[]): number => {
    const start = process.hrtime.bigint()
    const { status } = spawnSync(words[0]!, words.slice(1), { stdio: ['ignore', 'ignore', 'ignore'] })
    if (status !== 0) throw new Error(`${words.join(' ')} failed`)
    return Number(process.hrtime.bigint() - start) / 1e9
  }
  const best = (words: readonly string[], runs: number): number =>
    Math.min(...Array.from({ length: runs }, () => time(words)))
  const ours = count / best([process.execPath, program, 'capture', '-r', file], 3)
  const theirs = count / best(['tcpdump', '-n', '-r', file], 3)
  const tshark = count / best(['tshark', '-n', '-r', file], 1)
  return [
    {
      what: `lines from a file of ${count} packets`,
      value: perSecond(ours),
      against: `tcpdump: ${perSecond(theirs)}, tshark: ${perSecond(tshark)}`,
      ratio: ours / theirs,
      bound: { kind: 'least', value: 0.7 },
    },
  ]
}

function perSecond(packets: number): string {
  return `${Math.round(packets / 1000)}k packets/s`
}
