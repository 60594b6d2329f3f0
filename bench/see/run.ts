/** Seeing the host: the program and the survey against iproute2 and against a C loop that does the same dumps. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { discoverNamespaces } from '../../src/host/discovery/discover.ts'
import { observe } from '../../src/host/survey/observe.ts'
import { compareProcesses, type Spread, timeFunction } from '../measure.ts'
import { type Figure, report } from '../report.ts'
import { makeRing, removeRing, ringNames } from '../world.ts'
import { measureIdleWatch } from './idle-watch.ts'

const program = join(import.meta.dirname, '../../dist/bin/netwright.cjs')
const RUNS = 5
/** What the same survey costs with iproute2. */
const IPROUTE2 = 'ip -all netns exec ip -j addr && ip -all netns exec ip -j route'

const work = mkdtempSync(join(tmpdir(), 'netwright-bench-'))
try {
  const dumpLoop = join(work, 'dump-loop')
  execFileSync('gcc', ['-O2', '-o', dumpLoop, join(import.meta.dirname, 'dump-loop.c')])
  const figures: Figure[] = [startUp()]
  for (const [count, times] of [
    [150, 5],
    [1000, 12],
  ] as const) {
    figures.push(...withRing(count, () => [...wholeProcess(count, times), inProcess(count, dumpLoop)]))
  }
  figures.push(...growth(), await idleWatch())
  if (!report('see', figures)) process.exitCode = 1
} finally {
  rmSync(work, { recursive: true, force: true })
}

function withRing<T>(count: number, measure: () => T): T {
  removeRing()
  try {
    makeRing(count)
    return measure()
  } finally {
    removeRing()
  }
}

function startUp(): Figure {
  const [ours, empty] = compareProcesses(
    [
      [process.execPath, program, '--version'],
      [process.execPath, '-e', '0'],
    ],
    15,
  )
  return {
    what: 'netwright --version, whole process',
    value: milliseconds(ours!.milliseconds),
    against: `node -e 0: ${milliseconds(empty!.milliseconds)}`,
    ratio: ours!.milliseconds.median / empty!.milliseconds.median,
    bound: { kind: 'most', value: 1.5 },
  }
}

function wholeProcess(count: number, times: number): Figure[] {
  const [ours, theirs] = compareProcesses(
    [
      [process.execPath, program, 'map', '--json'],
      ['sh', '-c', IPROUTE2],
    ],
    RUNS,
  )
  return [
    {
      what: `map --json of ${count} namespaces, whole process`,
      value: milliseconds(ours!.milliseconds),
      against: `iproute2: ${milliseconds(theirs!.milliseconds)}`,
      ratio: theirs!.milliseconds.median / ours!.milliseconds.median,
      bound: { kind: 'least', value: times },
    },
    { what: `map --json of ${count} namespaces, peak memory`, value: `${(ours!.peakKibibytes / 1024).toFixed(0)} MiB` },
  ]
}

/** The survey of the ring's namespaces alone, warm, against the best round of the C loop. */
function inProcess(count: number, dumpLoop: string): Figure {
  // Best of both, and enough rounds before that the compiler has done its work: that is what a warm process is.
  const ours = timeFunction(surveyOfRing(count), 40)
  const [, best] = execFileSync(dumpLoop, [ringNames(1)[0]!.slice(0, -1), '15'], { encoding: 'utf8' }).split(' ')
  return {
    what: `survey of ${count} namespaces in a warm process`,
    value: milliseconds(ours),
    against: `C loop: ${(Number(best) / 1000).toFixed(1)} ms`,
    ratio: ours.least / (Number(best) / 1000),
    bound: { kind: 'most', value: 3 },
  }
}

function surveyOfRing(count: number): () => void {
  const names = new Set(ringNames(count))
  const discovery = discoverNamespaces()
  const sightings = discovery.sightings.filter((sighting) => sighting.names.some((name) => names.has(name)))
  if (sightings.length !== count) throw new Error(`${sightings.length} of ${count} namespaces were found`)
  return () => {
    observe({ ...discovery, sightings })
  }
}

/** Cost of discovery and survey for each namespace, as their number grows: linear means that it stays the same. */
function growth(): Figure[] {
  const each = [250, 500, 1000, 2000].map((count) =>
    withRing(count, () => {
      const survey = surveyOfRing(count)
      const spent = timeFunction(() => {
        discoverNamespaces()
        survey()
      }, RUNS)
      return { count, microseconds: (spent.least * 1000) / count }
    }),
  )
  const [smallest] = each
  return each.map(({ count, microseconds }) => ({
    what: `discovery and survey of ${count} namespaces, each`,
    value: `${microseconds.toFixed(0)} µs`,
    ratio: microseconds / smallest!.microseconds,
    bound: { kind: 'most', value: 1.6 },
  }))
}

async function idleWatch(): Promise<Figure> {
  const { percent, lines } = await measureIdleWatch([process.execPath, program])
  return { what: 'watch while nothing happens, share of a core', value: `${percent.toFixed(2)} % (${lines} lines)` }
}

function milliseconds({ median, least, most }: Spread): string {
  return `${median.toFixed(1)} ms (${least.toFixed(1)}–${most.toFixed(1)})`
}
