/** Throughput beside iperf3: the same link, the same time, in turns. */
import { execFileSync, spawn } from 'node:child_process'
import { spread } from '../measure.ts'
import type { Figure } from '../report.ts'
import { ADDRESS, type LinkedPair } from './linked-pair.ts'

const SECONDS = 3
const RUNS = 3
const DATAGRAM_BYTES = 1400

/** All figures of throughput. */
export async function benchThroughput(pair: LinkedPair, program: string): Promise<Figure[]> {
  const server = spawn('ip', ['netns', 'exec', pair.right, 'iperf3', '-s'], { stdio: 'ignore' })
  try {
    await new Promise((resolve) => setTimeout(resolve, 500))
    return [
      compared('TCP', pair, program, [], []),
      compared('TCP, reverse', pair, program, ['--reverse'], ['-R']),
      compared('TCP, four streams', pair, program, ['--streams', '4'], ['-P', '4']),
      compared(
        'UDP',
        pair,
        program,
        ['--udp', '--length', String(DATAGRAM_BYTES)],
        ['-u', '-b', '0', '-l', String(DATAGRAM_BYTES)],
      ),
    ]
  } finally {
    server.kill()
  }
}

function compared(
  what: string,
  pair: LinkedPair,
  program: string,
  ourWords: readonly string[],
  theirWords: readonly string[],
): Figure {
  const ours: number[] = []
  const theirs: number[] = []
  for (let run = 0; run < RUNS; run++) {
    ours.push(netwright(pair, program, ourWords))
    theirs.push(iperf3(pair, theirWords))
  }
  return {
    what: `throughput over ${what}`,
    value: gigabits(spread(ours).median),
    against: `iperf3: ${gigabits(spread(theirs).median)}`,
    ratio: spread(ours).median / spread(theirs).median,
    bound: { kind: 'least', value: 0.8 },
  }
}

function netwright({ left, right }: LinkedPair, program: string, words: readonly string[]): number {
  const all = [program, 'probe', 'throughput', `ns:${left}`, `ns:${right}`, '--time', `${SECONDS}s`, '--json', ...words]
  const { directions } = JSON.parse(execFileSync(process.execPath, all, { encoding: 'utf8' }))
  return directions[0].bitsPerSecond
}

function iperf3({ left }: LinkedPair, words: readonly string[]): number {
  const all = ['netns', 'exec', left, 'iperf3', '-c', ADDRESS.right, '-t', String(SECONDS), '-J', ...words]
  const { end } = JSON.parse(execFileSync('ip', all, { encoding: 'utf8', maxBuffer: 1 << 26 }))
  const sum = end.sum_received ?? end.sum
  // Of datagrams, iperf3 tells in `sum` what was sent, and how many of them were lost.
  return words.includes('-u') ? end.sum.bits_per_second * (1 - end.sum.lost_percent / 100) : sum.bits_per_second
}

function gigabits(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1e9).toFixed(2)} Gbit/s`
}
